import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { FatalError, RetryableError } from '@foggara/schema'

import { DEVNET_ACCOUNT_COUNT, DEVNET_MNEMONIC } from './accounts.ts'
import { BLOCK_STEP_SECONDS, GENESIS_SECONDS } from './clock.ts'
import { RpcUnreachableError, openRpc } from './rpc.ts'
import { endTogether } from './watchdog.ts'

export type AnvilOptions = {
  /** The TCP port on 127.0.0.1; a free one by default. */
  readonly port?: number
  readonly chainId?: number
  /** How many past states the node keeps; {@link STATE_COUNT} unless a caller wants another. */
  readonly stateCount?: number
}

/** A running anvil. */
export type Anvil = AsyncDisposable & {
  readonly rpcUrl: string
  readonly pid: number
  /** Ends the process; the chain is gone unless it was kept in a store. */
  readonly stop: () => Promise<void>
  /** Fulfilled when the process has ended, with its exit code or the signal that ended it. */
  readonly exited: Promise<number | string>
}

/** How far behind the head the `finalized` block is: anvil counts two epochs of 8 slots. */
export const FINALITY_BLOCK_COUNT = 16

/**
 * Starts anvil without any mining of its own: blocks come with `evm_mine` only, are a fixed step of
 * time apart, hold transactions in order of arrival and cost nothing. The same calls give the same
 * chain. The process ends with this one, however that ends.
 *
 * @throws {PortInUseError} when something listens on the port.
 * @throws {AnvilMissingError} when npm has not installed the binary of this platform.
 * @throws {AnvilExitedError} when the process ends before it answers.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const binary = anvilBinary()
  const port = await claimPort(options.port ?? 0)
  const child = spawn(binary, anvilArguments(port, options), {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const lastLine = keepLastLine(child)
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
    child.once('error', (cause) => resolve(cause.message))
  })
  const dismiss = child.pid === undefined ? () => undefined : endTogether(child.pid)
  void exited.then(dismiss)
  const rpcUrl = `http://127.0.0.1:${port}`
  await untilAnswering(rpcUrl, child, lastLine)
  await openRpc(rpcUrl).request('anvil_setBlockTimestampInterval', BLOCK_STEP_SECONDS)
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
  }
  return {
    rpcUrl,
    pid: child.pid ?? 0,
    exited,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** The path of anvil's own binary: not npm's wrapper, whose end would leave the node running. */
export function anvilBinary(): string {
  const platform = process.platform === 'win32' ? 'win32' : process.platform
  const name = `@foundry-rs/anvil-${platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const file = platform === 'win32' ? 'anvil.exe' : 'anvil'
  try {
    const anvilPackage = require.resolve('@foundry-rs/anvil/package.json')
    return createRequire(anvilPackage).resolve(`${name}/bin/${file}`)
  } catch (cause) {
    throw new AnvilMissingError(name, cause)
  }
}

const require = createRequire(import.meta.url)

const START_MS_MAX = 30_000

/**
 * How many past states the node keeps, for calls at a block and for reorganisations. Without a
 * bound it keeps 500 in memory (1 GB) and writes thousands more to the home directory.
 */
const STATE_COUNT = 64

function anvilArguments(port: number, options: AnvilOptions): readonly string[] {
  const fixed = {
    '--port': port,
    '--chain-id': options.chainId ?? 31337,
    '--mnemonic': DEVNET_MNEMONIC,
    '--accounts': DEVNET_ACCOUNT_COUNT,
    '--timestamp': GENESIS_SECONDS,
    '--hardfork': 'prague',
    '--slots-in-an-epoch': FINALITY_BLOCK_COUNT / 2,
    '--order': 'fifo',
    '--block-base-fee-per-gas': 0,
    '--gas-price': 0,
    '--gas-limit': 1_000_000_000,
    '--prune-history': options.stateCount ?? STATE_COUNT,
  }
  const flags = ['--no-mining', '--quiet', '--no-request-size-limit']
  const list = Object.entries(fixed).flatMap(([name, value]) => [name, String(value)])
  return [...list, ...flags]
}

/** Binds the port for a moment: a node that is already there must not be taken for the new one. */
async function claimPort(port: number): Promise<number> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', resolve)
    })
  } catch (cause) {
    throw new PortInUseError(port, cause)
  }
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : port
}

async function untilAnswering(
  rpcUrl: string,
  child: ChildProcess,
  lastLine: () => string,
): Promise<void> {
  const rpc = openRpc(rpcUrl)
  const stepMs = 20
  for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += stepMs) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new AnvilExitedError(child.exitCode ?? child.signalCode, lastLine())
    }
    try {
      await rpc.request('eth_chainId')
      return
    } catch (error) {
      if (!(error instanceof RpcUnreachableError)) throw error
      await delay(stepMs)
    }
  }
  child.kill('SIGKILL')
  throw new AnvilExitedError('no answer', lastLine())
}

function keepLastLine(child: ChildProcess): () => string {
  let tail = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-4000)
  })
  return () => {
    const lines = tail.split('\n').filter((line) => line.trim() !== '')
    return lines.find((line) => line.startsWith('error:')) ?? lines.at(-1) ?? 'nothing on stderr'
  }
}

/** Something already listens on the port. */
export class PortInUseError extends FatalError {
  constructor(port: number, cause: unknown) {
    super('PORT_IN_USE', `expected port ${port} of 127.0.0.1 to be free, found it in use`, {
      cause,
      hint: 'End what listens there or choose another port.',
    })
  }
}

/** The binary of this platform is not installed. */
export class AnvilMissingError extends FatalError {
  constructor(packageName: string, cause: unknown) {
    super('ANVIL_MISSING', `expected the npm package ${packageName}, found none`, {
      cause,
      hint: 'Run `npm ci` without --omit=optional; the package holds the node of this platform.',
    })
  }
}

/** The node ended before it answered. */
export class AnvilExitedError extends RetryableError {
  constructor(exit: number | string | null, lastLine: string) {
    super('ANVIL_EXITED', `expected anvil to start, found it ended (${exit}): ${lastLine}`)
  }
}
