import { FatalError } from '@foggara/schema'

/** Where receipts come from: a stream of a NATS server with JetStream. */
export type StreamAddress = {
  /** `host:port`. */
  readonly server: string
  readonly user: string | undefined
  readonly password: string | undefined
  readonly isEncrypted: boolean
  readonly stream: string
  /** The name under which the server remembers how far we are. */
  readonly consumer: string
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Reads `nats://user:password@host:port/STREAM?consumer=NAME`; `tls://` is encrypted.
 *
 * @throws {StreamAddressError}
 */
export function parseStreamAddress(text: string): StreamAddress {
  const url = URL.parse(text)
  const stream = url?.pathname.slice(1) ?? ''
  const consumer = url?.searchParams.get('consumer') ?? 'foggara'
  const isKnown = url !== null && (url.protocol === 'nats:' || url.protocol === 'tls:')
  if (!isKnown || url.hostname === '' || !NAME.test(stream) || !NAME.test(consumer)) {
    throw new StreamAddressError()
  }
  return {
    server: `${url.hostname}:${url.port === '' ? '4222' : url.port}`,
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    isEncrypted: url.protocol === 'tls:',
    stream,
    consumer,
  }
}

/** The address of a stream is malformed; it is not repeated, as it may hold a password. */
export class StreamAddressError extends FatalError {
  constructor() {
    super(
      'RECEIPT_STREAM_MALFORMED',
      'expected nats://host:port/STREAM with a name of letters, digits, _ and -, found another text',
      { hint: 'Such as nats://127.0.0.1:4222/receipts; user:password@ may stand before the host.' },
    )
  }
}
