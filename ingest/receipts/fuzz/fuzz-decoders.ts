import {
  type Deployment,
  type Hex,
  NO_PREVIOUS_BATCH,
  parseReceiptJson,
  receiptToJson,
} from '@foggara/schema'
import { privateKeyToAddress } from 'viem/accounts'

import { openReceiptSigner } from '../../provider/sign-batch.ts'
import { type Random, openRandom } from '../../simulation/random.ts'
import { sampleId, sampleReceipt } from '../../simulation/sample-receipt.ts'
import { type ReceiptHasher, openReceiptHasher } from '../hash/receipt-hasher.ts'
import { type Recovery, openRecovery } from '../verify/recovery.ts'
import { verifyBatch } from '../verify/verify-batch.ts'
import { verifyText } from '../verify/verify-text.ts'

/** How often each answer was given; fuzzing raises at the first input that breaks a law. */
export type FuzzReport = {
  readonly inputCount: number
  readonly codes: ReadonlyMap<string, number>
}

const PROVIDER: Hex = `0x${'b0'.repeat(20)}`
const KEY: Hex = `0x${'77'.repeat(32)}`

/** The longest that reading one input may take. Unit: milliseconds. */
const INPUT_MS_MAX = 2_000

/**
 * Feeds both decoders with inputs drawn from a seed: good ones with bytes changed, cut out, doubled and
 * swapped, with tokens of their grammar and with integers at their bounds.
 *
 * Each input is refused with a code, or is signed by somebody else, or says exactly what one of the good
 * ones says: a batch byte for byte, a receipt by its digest. Nothing may be raised or take long.
 */
export async function fuzzDecoders(
  deployment: Deployment,
  seed: number,
  inputCount: number,
): Promise<FuzzReport> {
  const random = openRandom(seed)
  const good = await goodInputs(deployment, random)
  const judge = judgeBy(good, openReceiptHasher(deployment), await openRecovery())
  const codes = new Map<string, number>()
  for (let count = 0; count < inputCount; count += 1) {
    const kind = random.oneIn(2) ? 'texts' : 'batches'
    const bytes = mutated(random, random.pick(good[kind]))
    const startMs = performance.now()
    const code = judge[kind](bytes)
    if (performance.now() - startMs > INPUT_MS_MAX) throw new FuzzError('took too long', bytes)
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  return { inputCount, codes }
}

type Good = Awaited<ReturnType<typeof goodInputs>>

function judgeBy({ digests, batches }: Good, hasher: ReceiptHasher, recovery: Recovery) {
  const signer = privateKeyToAddress(KEY).toLowerCase()
  const stamp = { receivedAtSeconds: 0, lateUpToSeconds: -1 }
  return {
    texts: (bytes: Uint8Array): string => {
      const verified = verifyText(bytes, hasher, recovery)
      if (verified.type === 'refused') return verified.code
      const { receipt, digest } = verified
      const again = parseReceiptJson(JSON.parse(JSON.stringify(receiptToJson(receipt))))
      if (hasher.digestOf(again).toString('hex') !== digest.slice(2)) {
        throw new FuzzError('was read as something else', bytes)
      }
      if (verified.signer !== signer) return 'signed by somebody else'
      if (!digests.has(digest)) throw new FuzzError('was accepted', bytes)
      return 'good'
    },
    batches: (bytes: Uint8Array): string => {
      const verified = verifyBatch(bytes, hasher, recovery, stamp)
      if (verified.type === 'refused') return verified.code
      if (verified.signer !== signer) return 'signed by somebody else'
      const isGood = batches.some((good) => Buffer.compare(good, bytes) === 0)
      if (!isGood) throw new FuzzError('was accepted', bytes)
      return 'good'
    },
  }
}

async function goodInputs(deployment: Deployment, random: Random) {
  const signer = await openReceiptSigner(deployment, KEY)
  const receipts = Array.from({ length: 12 }, (_, index) => {
    const assets = Array.from({ length: 1 + index }, (_unused, place) =>
      sampleId((0x10 + place).toString(16)),
    )
    const [units, nonce] = [BigInt(random.below(1 << 30)), BigInt(index)]
    return sampleReceipt(PROVIDER, { nonce, units, assets })
  })
  const texts: Uint8Array[] = []
  const digests = new Set<Hex>()
  for (const receipt of receipts) {
    const { digest, signature } = await signer.signReceipt(receipt)
    digests.add(digest)
    texts.push(Buffer.from(JSON.stringify(receiptToJson({ ...receipt, signature }))))
  }
  const batches: Uint8Array[] = []
  for (const count of [1, 2, 5]) {
    const place = { sequence: 1n, previous: NO_PREVIOUS_BATCH }
    batches.push((await signer.signBatch(receipts.slice(0, count), place)).bytes)
  }
  return { texts, batches, digests }
}

/** What the grammars are made of, and integers at their bounds. */
const TOKENS: readonly Uint8Array[] = [
  ...'{ } [ ] " : , \\ \\u0065 \\" null true -1 1e9 0 "fee":"1", "__proto__":{}, "toString":"1",'.split(
    ' ',
  ),
  '"INFERENCE"',
  '\u0000',
  '\ufeff',
  ...[64n, 96n, 256n].flatMap((bits) => [`${(1n << bits) - 1n}`, `${1n << bits}`]),
]
  .map((text): Uint8Array => Buffer.from(text))
  .concat(
    ['ff', 'c3', 'eda080', `${'00'.repeat(31)}01`, 'ff'.repeat(32), '00'.repeat(32)].map((hex) =>
      Buffer.from(hex, 'hex'),
    ),
  )

function mutated(random: Random, good: Uint8Array): Uint8Array {
  let bytes = Buffer.from(good)
  for (let times = random.below(4); times >= 0; times -= 1) {
    const at = random.below(bytes.length + 1)
    const length = random.below(40)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    switch (random.below(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
        break
      case 1:
        bytes = Buffer.concat([before, after.subarray(length)])
        break
      case 2:
        bytes = Buffer.concat([before, random.pick(TOKENS), after])
        break
      case 3: {
        const token = random.pick(TOKENS)
        bytes = Buffer.concat([before, token, after.subarray(token.length)])
        break
      }
      case 4:
        bytes = Buffer.concat([before, after.subarray(0, length), after])
        break
      case 5:
        bytes = Buffer.from(before)
        break
      default:
        if (at + 32 <= bytes.length) bytes.copyWithin(at - (at % 32), random.below(at + 1), at)
    }
  }
  return bytes
}

/** An input that broke a law; its bytes are in the message. */
class FuzzError extends Error {
  constructor(what: string, bytes: Uint8Array) {
    super(`an input ${what}: ${Buffer.from(bytes).toString('base64')}`)
  }
}
