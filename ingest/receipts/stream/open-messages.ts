import { FatalError, RetryableError } from '@foggara/schema'
import {
  AckPolicy,
  type ConsumerMessages,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { connect, nanos } from '@nats-io/transport-node'

import type { StreamAddress } from './stream-address.ts'

/** The messages of a durable consumer; disposing lets go of the connection. */
export type StreamMessages = AsyncDisposable & {
  readonly received: AsyncIterable<JsMsg>
  /** Ends the messages; what was received can still be acknowledged. */
  readonly stop: () => void
}

type ConsumerLimits = { readonly inFlightMax: number; readonly ackWaitMs: number }

/** Bytes that are fetched ahead: a message is a receipt, or a batch of up to some MiB. */
const FETCHED_BYTES_MAX = 16 * 1024 * 1024
const CONNECT_MS_MAX = 5_000
/** The server says `not found` with these. */
const STREAM_NOT_FOUND = 10_059
const CONSUMER_NOT_FOUND = 10_014

/**
 * Connects, makes the stream (subjects `STREAM.>`) and the durable consumer where they are missing, and
 * begins to receive. A connection that breaks is made again by itself.
 *
 * @throws {StreamUnreachableError | StreamRefusedError}
 */
export async function openStreamMessages(
  address: StreamAddress,
  limits: ConsumerLimits,
): Promise<StreamMessages> {
  const { server, user, password, isEncrypted, stream, consumer } = address
  const connection = await connect({
    servers: server,
    name: 'foggara',
    timeout: CONNECT_MS_MAX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(isEncrypted ? { tls: {} } : {}),
  }).catch((cause: unknown) => {
    throw streamError(address, cause)
  })
  try {
    const manager = await jetstreamManager(connection)
    await ensureStream(manager, stream)
    await ensureConsumer(manager, address, limits)
    const found = await jetstream(connection).consumers.get(stream, consumer)
    const messages = await found.consume({
      max_bytes: FETCHED_BYTES_MAX,
      abort_on_missing_resource: true,
    })
    return {
      received: receivedFrom(messages, address),
      stop: () => messages.stop(),
      [Symbol.asyncDispose]: async () => {
        await messages.close().catch(() => undefined)
        // Sends the last acknowledgements; a server that is gone gets them never.
        await Promise.race([connection.flush().catch(() => undefined), passed(CONNECT_MS_MAX)])
        await connection.close()
      },
    }
  } catch (cause) {
    await connection.close().catch(() => undefined)
    throw streamError(address, cause)
  }
}

async function* receivedFrom(
  messages: ConsumerMessages,
  address: StreamAddress,
): AsyncGenerator<JsMsg> {
  try {
    yield* messages
  } catch (cause) {
    throw streamError(address, cause)
  }
}

async function ensureStream({ streams }: JetStreamManager, name: string): Promise<void> {
  try {
    await streams.info(name)
  } catch (error) {
    if (codeOf(error) !== STREAM_NOT_FOUND) throw error
    await streams.add({ name, subjects: [`${name}.>`] })
  }
}

async function ensureConsumer(
  { consumers }: JetStreamManager,
  { stream, consumer }: StreamAddress,
  { inFlightMax, ackWaitMs }: ConsumerLimits,
): Promise<void> {
  try {
    await consumers.info(stream, consumer)
  } catch (error) {
    if (codeOf(error) !== CONSUMER_NOT_FOUND) throw error
    await consumers.add(stream, {
      durable_name: consumer,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWaitMs),
      // What is fetched ahead counts as well.
      max_ack_pending: 4 * inFlightMax,
    })
  }
}

function codeOf(error: unknown): number | undefined {
  const isCoded = error instanceof Error && 'code' in error && typeof error.code === 'number'
  return isCoded ? Number(error.code) : undefined
}

function passed(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs).unref()
  })
}

const REFUSALS = new Set(['AuthorizationError', 'PermissionViolationError', 'JetStreamNotEnabled'])

function streamError(address: StreamAddress, cause: unknown): Error {
  const found = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  const isRefused = cause instanceof Error && REFUSALS.has(cause.name)
  return isRefused
    ? new StreamRefusedError(address, found, cause)
    : new StreamUnreachableError(address, found, cause)
}

/** The server does not answer, or ended the stream; it is tried again. */
export class StreamUnreachableError extends RetryableError {
  constructor({ server, stream }: StreamAddress, found: string, cause: unknown) {
    const expected = `expected ${stream} from ${server}`
    super('RECEIPT_STREAM_UNREACHABLE', `${expected}, found ${found}`, { cause })
  }
}

/** The server does not let us in, or has no JetStream. */
export class StreamRefusedError extends FatalError {
  constructor({ server, stream }: StreamAddress, found: string, cause: unknown) {
    super('RECEIPT_STREAM_REFUSED', `expected ${stream} from ${server}, found ${found}`, {
      cause,
      hint: 'Check user and password, and that the server runs with JetStream (nats-server -js).',
    })
  }
}
