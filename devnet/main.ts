import { fstatSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import { FoggaraError, RetryableError } from '@foggara/schema'

import { type Anvil, PortInUseError, startAnvil } from './anvil.ts'
import { type DevnetArguments, parseDevnetArguments } from './arguments.ts'
import { type ChainStore, openChainStore } from './chain-store.ts'
import { connectDevnet } from './chain.ts'
import { deploy, devnetDeployment } from './deploy.ts'
import { runEconomy, seedHistory } from './economy/history.ts'
import { submitReceiptsTo } from './submit-receipts.ts'

/** How long a port may still belong to a devnet that is ending. */
const PORT_WAIT_MS_MAX = 5000

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
process.once('SIGINT', () => stop.abort())
process.once('disconnect', () => stop.abort())
if (isParentsPipe()) process.stdin.resume().once('close', () => stop.abort())

/** Runs a devnet until it is told to stop; ends when its node ends. */
async function main(options: DevnetArguments): Promise<void> {
  await using anvil = await startWhenFree(options)
  await using store =
    options.stateFile === undefined ? undefined : await openChainStore(options.stateFile)
  await Promise.race([play(options, anvil, store), rejectedWhenEnded(anvil)])
}

async function play(
  options: DevnetArguments,
  anvil: Anvil,
  store: ChainStore | undefined,
): Promise<void> {
  const { rpcUrl } = anvil
  const deployment = devnetDeployment()
  const devnet = connectDevnet(rpcUrl, deployment)
  const { seed, blockCount, assetCount } = options
  const size = { seed, blockCount, assetCount }
  const prepare = async () => {
    const restored = (await store?.restore(devnet.rpc)) ?? 0
    if (restored === 0) await deploy(rpcUrl)
    print({ ready: 'deployed', rpcUrl, deployment })
    const { headBlock } = await seedHistory(devnet, size)
    return { restored, headBlock }
  }
  const prepared = await Promise.race([prepare(), untilStopped()])
  if (prepared === undefined) return
  const { restored, headBlock } = prepared
  print({ ready: true, rpcUrl, deployment, headBlock })
  if (headBlock > restored) await store?.checkpoint(devnet.rpc)
  const { receiptsUrl } = options
  const blocks = runEconomy({
    devnet,
    size,
    signal: stop.signal,
    sleep: () => pause(options.blockEveryMs),
    ...(receiptsUrl === undefined
      ? {}
      : {
          submitReceipts: (receipts) => {
            const target = { url: receiptsUrl, sleep: pause, signal: stop.signal }
            return submitReceiptsTo(target, receipts)
          },
        }),
  })
  for await (const block of blocks) {
    await store?.record(devnet.rpc)
    if (block.number % 100 === 0) process.stderr.write(`block ${block.number}\n`)
  }
}

/** A node that was just killed may hold its port for a moment longer. */
async function startWhenFree({ port, stateCount }: DevnetArguments): Promise<Anvil> {
  const options = {
    ...(port === undefined ? {} : { port }),
    ...(stateCount === undefined ? {} : { stateCount }),
  }
  for (let waitedMs = 0; ; waitedMs += 200) {
    try {
      return await startAnvil(options)
    } catch (error) {
      if (!(error instanceof PortInUseError) || waitedMs >= PORT_WAIT_MS_MAX) throw error
      await delay(200)
    }
  }
}

async function rejectedWhenEnded(anvil: Anvil): Promise<never> {
  throw new NodeEndedError(await anvil.exited)
}

async function untilStopped(): Promise<void> {
  if (stop.signal.aborted) return
  await new Promise((resolve) => stop.signal.addEventListener('abort', resolve))
}

async function pause(durationMs: number): Promise<void> {
  await delay(durationMs, undefined, { signal: stop.signal }).catch(() => undefined)
}

/** Standard input that a parent holds open: its end is the parent's end. */
function isParentsPipe(): boolean {
  try {
    const input = fstatSync(0)
    return input.isFIFO() || input.isSocket()
  } catch {
    return false
  }
}

/** The node ended although nobody asked it to. */
class NodeEndedError extends RetryableError {
  constructor(exit: number | string) {
    super('ANVIL_EXITED', `expected anvil to run on, found it ended (${exit})`)
  }
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

try {
  await main(parseDevnetArguments(process.argv.slice(2)))
} catch (error) {
  const code = error instanceof FoggaraError ? error.code : 'DEVNET_FAILED'
  const text = error instanceof Error ? error.message : String(error)
  print({ ready: false, code, text, hint: error instanceof FoggaraError ? error.hint : undefined })
  process.exitCode = 1
}
process.exit()
