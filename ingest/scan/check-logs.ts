import type { Header } from '../chain/block.ts'
import { type BloomBits, bloomBits, mayContain } from '../chain/bloom.ts'
import { RpcInconsistentError } from '../chain/rpc-errors.ts'
import { type LogColumns, blockOf } from './log-columns.ts'
import { inOrder, pickLogs } from './order-logs.ts'
import type { Match, SourceMatcher } from './source-matcher.ts'
import { type Wanted, wordsOf } from './wanted-words.ts'

/** Logs that passed every check, ascending by block and log index. */
export type CheckedLogs = {
  readonly columns: LogColumns
  /** Per log, the place of its source among the matcher's names. */
  readonly sources: Uint8Array
  /** Per log, the place of its event among the matcher's names. */
  readonly events: Uint8Array
  /** Per log, the time of its block, two words each. Unit: seconds. */
  readonly seconds: Uint32Array
  /** Logs of each header's block. */
  readonly counts: Uint32Array
}

/** What logs are checked against. */
export type LogCheck = {
  readonly shownUrl: string
  readonly matcher: SourceMatcher
  /** Of consecutive blocks. */
  readonly headers: readonly Header[]
  /** Whether a bloom filter that leaves no room for a log shows that it is made up. */
  readonly trustsBloom: boolean
}

/**
 * Checks logs against the headers of their range: each lies in the range, carries its block's hash, was
 * asked for, is there once and passes its block's bloom filter. Those that no source wants are left out.
 *
 * @throws {RpcInconsistentError}
 */
export function checkLogs(check: LogCheck, answered: LogColumns): CheckedLogs {
  const { shownUrl, matcher, headers } = check
  const columns = inOrder(answered)
  const { count } = columns
  const checked = {
    columns,
    sources: new Uint8Array(count),
    events: new Uint8Array(count),
    seconds: new Uint32Array(2 * count),
    counts: new Uint32Array(headers.length),
  }
  const hashes = headers.map(({ hash }) => wordsOf(hash))
  const first = headers[0]?.block ?? 0
  const blooms = new BloomCheck(check, columns)
  const uncounted: number[] = []
  for (let index = 0; index < count; index += 1) {
    const at = blockOf(columns, index) - first
    const header = headers[at]
    const match = matcher.match(columns, index)
    const problem =
      header === undefined
        ? 'outside the range'
        : !isEqual(columns.blockHashes, 8 * index, hashes[at])
          ? 'of another fork'
          : match === undefined
            ? 'of a contract or event that was not asked for'
            : isDouble(columns, index)
              ? 'twice'
              : match === 'uncounted' || blooms.passes(at, match, index)
                ? undefined
                : 'that its block rules out'
    if (problem !== undefined || match === undefined || header === undefined) {
      const where = `log ${columns.logIndexes[index]} of block ${blockOf(columns, index)}`
      throw new RpcInconsistentError(shownUrl, 'logs of the range', `${where}, ${problem}`)
    }
    if (match === 'uncounted') {
      uncounted.push(index)
      continue
    }
    checked.sources[index] = match.source
    checked.events[index] = match.event
    checked.seconds[2 * index] = header.atSeconds % 2 ** 32
    checked.seconds[2 * index + 1] = Math.floor(header.atSeconds / 2 ** 32)
    checked.counts[at] = (checked.counts[at] ?? 0) + 1
  }
  return uncounted.length === 0 ? checked : without(checked, uncounted)
}

/** The logs but those at some places; how many there were of each block stays as it is. */
export function without(checked: CheckedLogs, uncounted: readonly number[]): CheckedLogs {
  const left = new Set(uncounted)
  const kept = Array.from({ length: checked.columns.count }, (_, index) => index).filter(
    (index) => !left.has(index),
  )
  const seconds = new Uint32Array(2 * kept.length)
  for (const [place, index] of kept.entries()) {
    seconds.set(checked.seconds.subarray(2 * index, 2 * index + 2), 2 * place)
  }
  return {
    columns: pickLogs(checked.columns, kept),
    sources: Uint8Array.from(kept, (index) => checked.sources[index] ?? 0),
    events: Uint8Array.from(kept, (index) => checked.events[index] ?? 0),
    seconds,
    counts: checked.counts,
  }
}

/** Whether a block's bloom rules out any log of the sources. */
export function isRuledOut(matcher: SourceMatcher, { logsBloom }: Header): boolean {
  const may = ({ bits }: Wanted): boolean => mayContain(logsBloom, bits())
  return !matcher.blooms.some(
    ({ addresses, topics }) => topics.some(may) && (addresses === undefined || addresses.some(may)),
  )
}

function isDouble({ blocks, logIndexes }: LogColumns, index: number): boolean {
  return (
    index > 0 &&
    logIndexes[index] === logIndexes[index - 1] &&
    isEqual(blocks, 2 * index, blocks.subarray(2 * index - 2, 2 * index))
  )
}

function isEqual(column: Uint32Array, at: number, words: Uint32Array | undefined): boolean {
  if (words === undefined) return false
  for (let word = 0; word < words.length; word += 1) {
    if (column[at + word] !== words[word]) return false
  }
  return true
}

/** Bits of addresses that no filter names, which are hashed when they are met. */
const KEPT_BITS_MAX = 65_536

/** Asks each block's bloom once for each address and topic. */
class BloomCheck {
  readonly #trustsBloom: boolean
  readonly #headers: readonly Header[]
  readonly #columns: LogColumns
  /** Per wanted address or topic, the place after that of the last header that was asked. */
  readonly #asked: Uint32Array
  readonly #bits = new Map<string, BloomBits>()

  constructor({ matcher, headers, trustsBloom }: LogCheck, columns: LogColumns) {
    this.#trustsBloom = trustsBloom
    this.#headers = headers
    this.#columns = columns
    this.#asked = new Uint32Array(matcher.slotCount)
  }

  passes(at: number, { topic, address }: Match, index: number): boolean {
    if (!this.#trustsBloom) return true
    if (!this.#passesOnce(at, topic)) return false
    if (address !== undefined) return this.#passesOnce(at, address)
    return mayContain(this.#headers[at]?.logsBloom ?? '0x', this.#bitsOfAddress(index))
  }

  #passesOnce(at: number, wanted: Wanted): boolean {
    if (this.#asked[wanted.slot] === at + 1) return true
    this.#asked[wanted.slot] = at + 1
    return mayContain(this.#headers[at]?.logsBloom ?? '0x', wanted.bits())
  }

  #bitsOfAddress(index: number): BloomBits {
    const { addresses } = this.#columns
    const bytes = Buffer.from(addresses.buffer, addresses.byteOffset + 20 * index, 20)
    const address = bytes.toString('hex')
    const known = this.#bits.get(address)
    if (known !== undefined) return known
    if (this.#bits.size >= KEPT_BITS_MAX) this.#bits.clear()
    const bits = bloomBits(`0x${address}`)
    this.#bits.set(address, bits)
    return bits
  }
}
