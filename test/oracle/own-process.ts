import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import { endTogether } from '../../devnet/watchdog.ts'

/** A process that this one has started, and ends. */
export type OwnProcess = {
  readonly pid: number
  /** Everything it has written so far. */
  log(): string
  hasEnded(): boolean
  /** Asks it to end, and kills it when it does not. */
  stop(): Promise<void>
}

const STOP_MS_MAX = 3000

/** Starts a program whose output goes to a file; it ends with this process, however that ends. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly logFile: string; readonly stopSignal: NodeJS.Signals },
): OwnProcess {
  const { logFile, stopSignal, ...rest } = options
  const output = openSync(logFile, 'w')
  const child = spawn(command, args, { ...rest, stdio: ['ignore', output, output] })
  closeSync(output)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const dismiss = child.pid === undefined ? () => undefined : endTogether(child.pid)
  void ended.then(dismiss)
  return {
    pid: child.pid ?? 0,
    log: () => readFileSync(logFile, 'utf8'),
    hasEnded: () => hasEnded(child),
    async stop() {
      child.kill(stopSignal)
      await Promise.race([ended, delay(STOP_MS_MAX, undefined, { ref: false })])
      if (!hasEnded(child)) child.kill('SIGKILL')
      await ended
    },
  }
}

/** Polls until `condition` gives a value; fails with what the process has written last. */
export async function until<T>(
  what: string,
  process_: OwnProcess,
  waitMsMax: number,
  condition: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + waitMsMax
  for (;;) {
    const value = await condition()
    if (value !== undefined) return value
    const reason = process_.hasEnded() ? 'the process has ended' : 'time is up'
    if (process_.hasEnded() || performance.now() > deadline) {
      throw new Error(`${what}: ${reason}; ${lastLines(process_.log())}`)
    }
    await delay(50)
  }
}

/** Ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports: number[] = []
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    const address = server.address()
    if (typeof address === 'object' && address !== null) ports.push(address.port)
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined
}

function lastLines(log: string): string {
  return log.trim().split('\n').slice(-12).join('\n')
}
