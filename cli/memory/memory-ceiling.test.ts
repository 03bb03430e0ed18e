import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { createSimulatedChain, openRandom, startSimulatedNode } from '@foggara/ingest'
import { EVENT_TABLES } from '@foggara/schema'
import { expect, test } from 'vitest'

import { residentBytes } from '../live/read-memory.ts'
import { MEMORY_MB_MIN } from './memory-shares.ts'

const BLOCKS = 1_500
/** The share is looked at between answers: the one under way, and what Node starts with, come on top. */
const OVERHEAD = 1.1

test.runIf(process.platform === 'linux')(
  'with the lowest ceiling a chain is indexed to its head, within it',
  { timeout: 180_000 },
  async () => {
    const random = openRandom(77)
    const chain = createSimulatedChain(random, EVENT_TABLES)
    chain.mine(BLOCKS)
    await using node = await startSimulatedNode(chain, random)
    const directory = mkdtempSync(path.join(tmpdir(), 'foggara-memory-'))
    const deployment = path.join(directory, 'deployment.json')
    writeFileSync(deployment, JSON.stringify(chain.deployment))
    const options = ['--rpc-url', node.url, '--deployment', deployment, '--data-dir', directory]
    const limits = ['--memory-mb', String(MEMORY_MB_MIN), '--log', 'json']
    const child = spawn(process.execPath, ['cli/bin.ts', 'ingest', ...options, ...limits], {
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    }
    let mostBytes = 0
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const endMs = Date.now() + 150_000
    while (!output.includes('everything is indexed') && child.exitCode === null) {
      if (Date.now() > endMs) break
      mostBytes = Math.max(mostBytes, treeBytes(child.pid ?? 0))
      await delay(50)
    }
    child.kill('SIGTERM')
    await ended
    rmSync(directory, { recursive: true, force: true })
    expect(output).toContain(`${BLOCKS} of ${BLOCKS} blocks`)
    expect(output).not.toContain('MEMORY_TIGHT')
    expect(mostBytes).toBeGreaterThan(100e6)
    expect(mostBytes / 1e6).toBeLessThan(MEMORY_MB_MIN * OVERHEAD)
  },
)

/** What a process and its children hold. */
function treeBytes(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .filter((name) => parentOf(name) === pid)
  return [pid, ...children.map(Number)].reduce((sum, id) => sum + (residentBytes(id) ?? 0), 0)
}

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}
