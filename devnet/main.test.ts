import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { RpcUnreachableError, openRpc } from './rpc.ts'

let directory: string
const children: ChildProcess[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'foggara-devnet-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(directory, { recursive: true })
})

type Line = {
  /** `deployed` comes first, when the contracts are there and the history is not yet. */
  readonly ready: boolean | 'deployed'
  readonly rpcUrl: string
  readonly headBlock: number
  readonly code: string
}

type Run = {
  readonly child: ChildProcess
  readonly line: Line
  readonly ended: Promise<number | string | null>
}

async function run(...more: readonly string[]): Promise<Run> {
  const entry = join(import.meta.dirname, 'main.ts')
  const size = ['--history-blocks=8', '--assets=6', '--blocks-every-ms=50']
  const child = spawn(process.execPath, [entry, ...size, ...more], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  children.push(child)
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line
    if (line.ready !== 'deployed') return { child, ended, line }
  }
  throw new Error('the devnet said nothing')
}

async function headAt(url: string): Promise<number> {
  return Number(await openRpc(url).request('eth_blockNumber'))
}

async function untilHead(url: string, number: number): Promise<void> {
  for (let waited = 0; (await headAt(url)) < number; waited += 1) {
    expect(waited, 'polls').toBeLessThan(400)
    await delay(50)
  }
}

async function untilGone(url: string): Promise<void> {
  for (let waited = 0; waited < 200; waited += 1) {
    try {
      await headAt(url)
    } catch (error) {
      if (error instanceof RpcUnreachableError) return
      throw error
    }
    await delay(50)
  }
  expect.unreachable('the node lives on')
}

test('it is ready with the history, goes on, and ends with its node on SIGTERM', async () => {
  const { child, ended, line } = await run()
  expect(line).toMatchObject({ ready: true, headBlock: 8 })
  await untilHead(line.rpcUrl, 11)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  await untilGone(line.rpcUrl)
})

test('killed, it leaves no node behind, and goes on from its state on the same port', async () => {
  const first = await run(`--state-dir=${directory}`)
  const { rpcUrl } = first.line
  await untilHead(rpcUrl, 12)
  first.child.kill('SIGKILL')
  await first.ended
  await untilGone(rpcUrl)
  const second = await run(`--state-dir=${directory}`, `--port=${new URL(rpcUrl).port}`)
  expect(second.line.rpcUrl).toBe(rpcUrl)
  expect(second.line.headBlock).toBeGreaterThanOrEqual(11)
  second.child.stdin?.end()
  expect(await second.ended).toBe(0)
  await untilGone(rpcUrl)
})

test('an argument that is none is answered with its code', async () => {
  const { ended, line } = await run('--port=many')
  expect(line).toMatchObject({ ready: false, code: 'DEVNET_ARGUMENTS' })
  expect(await ended).toBe(1)
})
