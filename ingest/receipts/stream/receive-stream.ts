import { FoggaraError, RECEIPT_BATCH_MAGIC, RetryableError } from '@foggara/schema'
import type { JsMsg } from '@nats-io/jetstream'

import type { Surroundings } from '../../surroundings.ts'
import type { ReceiptOutcome } from '../intake.ts'
import type { StreamMessages } from './open-messages.ts'
import type { StreamAddress } from './stream-address.ts'

/** What a stream of receipts is received with. */
export type StreamOptions = Surroundings & {
  readonly address: StreamAddress
  readonly intake: {
    readonly accept: (text: Uint8Array) => Promise<ReceiptOutcome>
    readonly acceptBatch: (bytes: Uint8Array) => Promise<ReceiptOutcome>
  }
  /** Receives a line when the stream is there, when it is lost, and about what passes by. */
  readonly log: (line: string) => void
  /** Receipts that wait for their outcome at a time; 4 000 by default. */
  readonly inFlightMax?: number
  /** A message without an answer for so long comes again; 60 000 by default. Unit: milliseconds. */
  readonly ackWaitMs?: number
}

const IN_FLIGHT_MAX = 4_000
const ACK_WAIT_MS = 60_000
const AGAIN_MS = 1_000
const BATCH_MAGIC = Buffer.from(RECEIPT_BATCH_MAGIC.slice(2), 'hex')

/**
 * Receives receipts and signed batches, a message each, until the signal aborts. A message is
 * acknowledged once its outcome is on disk, so one that comes again changes nothing; one that is
 * rejected is kept with its reason and never comes again. A server that cannot be reached is tried
 * again; nothing is lost by that.
 */
export async function receiveStream(options: StreamOptions): Promise<void> {
  const { address, signal, sleep, log } = options
  const { inFlightMax = IN_FLIGHT_MAX, ackWaitMs = ACK_WAIT_MS } = options
  // The client of the protocol is loaded only where there is a stream.
  const { openStreamMessages } = await import('./open-messages.ts')
  let told = ''
  while (!signal.aborted) {
    try {
      await using messages = await openStreamMessages(address, { inFlightMax, ackWaitMs })
      log(`receipts: receiving ${address.stream} from ${address.server}`)
      told = ''
      await receive(messages, options)
    } catch (error) {
      if (!(error instanceof FoggaraError)) throw error
      const line = `receipts: ${error.code} ${error.message}`
      if (line !== told) log(line)
      told = line
      if (!error.retryable) return
    }
    await sleep(AGAIN_MS)
  }
}

async function receive(messages: StreamMessages, options: StreamOptions): Promise<void> {
  const { signal, inFlightMax = IN_FLIGHT_MAX } = options
  const running = new Set<Promise<void>>()
  let failure: unknown
  let room: PromiseWithResolvers<void> | undefined
  const stop = (): void => messages.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const message of messages.received) {
      if (signal.aborted || failure !== undefined) break
      const answer = answered(message, options)
        .catch((error: unknown) => {
          failure ??= error
          messages.stop()
        })
        .finally(() => {
          running.delete(answer)
          room?.resolve()
        })
      running.add(answer)
      // What is not taken waits with the server.
      while (running.size >= inFlightMax) {
        room = Promise.withResolvers()
        await room.promise
      }
    }
  } finally {
    signal.removeEventListener('abort', stop)
    await Promise.all(running)
  }
  if (failure !== undefined) throw failure
}

/** How long a message that could not be stored waits before it comes again. Unit: milliseconds. */
const RETRY_MS = 1_000

async function answered(message: JsMsg, { intake }: StreamOptions): Promise<void> {
  try {
    const { status } = await submit(message.data, intake)
    if (status === 'rejected') message.term()
    else message.ack()
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    message.nak(RETRY_MS)
  }
}

function submit(bytes: Uint8Array, intake: StreamOptions['intake']): Promise<ReceiptOutcome> {
  // The client reuses its buffers.
  const own = Uint8Array.from(bytes)
  const isBatch = Buffer.compare(own.subarray(0, BATCH_MAGIC.length), BATCH_MAGIC) === 0
  return isBatch ? intake.acceptBatch(own) : intake.accept(own)
}
