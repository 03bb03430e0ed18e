import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'

import { RpcRefusedError } from './rpc-errors.ts'

/** The answer to one POST, decompressed. */
export type HttpAnswer = {
  readonly status: number
  readonly bytes: Uint8Array
  /** What `Retry-After` asks for. Unit: milliseconds. */
  readonly retryAfterMs: number | undefined
}

/** The largest answer that is read. Unit: bytes, before and after decompression. */
export const ANSWER_BYTES_MAX = 256 * 1024 * 1024

/** An answer is larger than is read. */
export class AnswerTooLargeError extends Error {}

/**
 * Sends a body to an HTTP URL, whose user and password travel as a header, over kept connections.
 * Measured against `fetch`: half the processor time per megabyte.
 */
export async function postJson(
  address: string,
  body: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { url, authorization } = splitCredentials(address)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const isPlain = url.protocol === 'http:'
    const sent = (isPlain ? httpRequest : httpsRequest)(
      url,
      {
        method: 'POST',
        agent: isPlain ? plainAgent : secureAgent,
        signal,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'accept-encoding': 'zstd, br, gzip',
          ...(authorization === undefined ? {} : { authorization }),
        },
      },
      resolve,
    )
    sent.on('error', reject)
    sent.end(body)
  })
  const packed = await readBounded(response)
  const retryAfter = Number(response.headers['retry-after'])
  return {
    status: response.statusCode ?? 0,
    bytes: await unpack(packed, response.headers['content-encoding']),
    retryAfterMs: retryAfter > 0 ? 1_000 * retryAfter : undefined,
  }
}

const plainAgent = new HttpAgent({ keepAlive: true, maxSockets: 64 })
const secureAgent = new HttpsAgent({ keepAlive: true, maxSockets: 64 })

async function readBounded(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let byteLength = 0
  for await (const chunk of response) {
    const bytes: Buffer = chunk
    byteLength += bytes.length
    if (byteLength > ANSWER_BYTES_MAX) throw new AnswerTooLargeError()
    chunks.push(bytes)
  }
  // A connection that breaks in the middle of a body ends the loop without an error.
  if (!response.complete) throw new Error('the answer was cut off')
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

const UNPACKERS: Readonly<Record<string, (packed: Buffer, options: object) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
}

async function unpack(packed: Buffer, encoding: string | undefined): Promise<Uint8Array> {
  const unpacker = UNPACKERS[encoding ?? '']
  return unpacker === undefined ? packed : unpacker(packed, { maxOutputLength: ANSWER_BYTES_MAX })
}

function splitCredentials(text: string): { url: URL; authorization: string | undefined } {
  if (!URL.canParse(text) || !/^https?:/u.test(text)) throw new RpcRefusedError(text)
  const url = new URL(text)
  if (url.username === '' && url.password === '') return { url, authorization: undefined }
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  url.username = ''
  url.password = ''
  return { url, authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}
