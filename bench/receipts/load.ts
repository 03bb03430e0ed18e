import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'

import type { Hex, Receipt } from '@foggara/schema'
import { numberToHex } from 'viem'

import { sampleKey, sampleReceipt } from '../../ingest/simulation/sample-receipt.ts'

// What is sent, made before and kept in files, so that a sender has nothing to do but send.

/** How receipts travel: with a signature each, as lines, or in signed batches. */
export type LoadKind = 'lines' | 'batches'

/** A share of the load: what one connection sends, one request after the other. */
export type LoadShare = {
  readonly kind: LoadKind
  readonly path: string
  readonly provider: Hex
  readonly requestCount: number
  readonly receiptsPerRequest: number
}

export const CONTENT_TYPES: Readonly<Record<LoadKind, string>> = {
  lines: 'application/x-ndjson',
  batches: 'application/vnd.foggara.receipt-batch',
}

export const KEY = sampleKey('11')
export const ASSETS = Array.from({ length: 64 }, (_, index) => numberToHex(index + 1, { size: 32 }))

/** A receipt of three assets. */
export function drawReceipt(provider: Hex, nonce: number): Receipt {
  const first = (nonce * 7) % (ASSETS.length - 3)
  const times = { startedAtSeconds: 1_700_000_001n, finishedAtSeconds: 1_700_000_060n }
  const outputHash = numberToHex(nonce, { size: 32 })
  const assets = ASSETS.slice(first, first + 3)
  return sampleReceipt(provider, { nonce: BigInt(nonce), assets, outputHash, ...times })
}

/** Writes bodies of requests, each behind its length. */
export async function writeBodies(path: string, bodies: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'w')
  for await (const body of bodies) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(body.length)
    await file.writev([length, body])
  }
}

/** Reads the bodies again, none before it is wanted. */
export async function* readBodies(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  let restLength = 0
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    rest.push(piece as Buffer)
    restLength += (piece as Buffer).length
    while (restLength >= 4) {
      const [first] = rest
      const all = first !== undefined && first.length >= 4 ? first : Buffer.concat(rest)
      const end = 4 + all.readUInt32LE(0)
      if (restLength < end) break
      const whole = rest.length === 1 ? all : Buffer.concat(rest)
      yield whole.subarray(4, end)
      rest = [whole.subarray(end)]
      restLength -= end
    }
  }
}
