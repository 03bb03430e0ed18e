import { RetryableError } from '@foggara/schema'

/** Fields of a log, by the numbers of scan/kernel/logs.ts. */
const FIELDS = [
  'address',
  'topics',
  'data',
  'blockNumber',
  'blockHash',
  'transactionHash',
  'logIndex',
  'transactionIndex',
  'removed',
]

const FIELD_VALUES = [
  '0x and 40 hex digits',
  'a list of 0x and 64 hex digits each',
  '0x and pairs of hex digits',
  'a quantity below 2^53',
  '0x and 64 hex digits',
  '0x and 64 hex digits',
  'a quantity below 2^32',
  'a quantity below 2^32, or null',
  'anything but true',
]

/** What should have stood there, by the numbers of scan/kernel/failure.ts. */
const EXPECTED: Readonly<Record<number, (field: number) => string>> = {
  1: () => 'JSON',
  2: () => 'at most 1,024 lists and objects inside each other',
  3: () => 'an object',
  4: () => 'a list of logs',
  5: (field) => `each key once, ${FIELDS[field] ?? 'id'} too`,
  6: (field) => `a log with ${FIELDS[field] ?? 'every field'}`,
  7: (field) => `${FIELD_VALUES[field] ?? 'a value'} as ${FIELDS[field] ?? 'field'}`,
  8: () => 'a log that stands',
  9: () => 'at most four topics',
  10: () => 'one answer per call',
}

const SHOWN_BYTES = 40

/** What a kernel says about bytes that it refused. */
export type Refusal = {
  /** A number of scan/kernel/failure.ts. */
  readonly reason: number
  readonly field: number
  readonly byteOffset: number
  /** The bytes from there on, as far as they are worth showing. */
  readonly found: Uint8Array
}

/** The bytes of an answer are not what they should be from `byteOffset` on. */
export class AnswerMalformedError extends RetryableError {
  readonly byteOffset: number
  readonly expected: string
  readonly found: string

  constructor({ reason, field, byteOffset, found }: Refusal) {
    const expected = EXPECTED[reason]?.(field) ?? 'an answer'
    const text = Buffer.from(found.subarray(0, SHOWN_BYTES)).toString('latin1')
    const shown = found.length === 0 ? 'its end' : JSON.stringify(text)
    super(
      'RPC_ANSWER_MALFORMED',
      `answer at byte ${byteOffset}: expected ${expected}, found ${shown}`,
    )
    this.byteOffset = byteOffset
    this.expected = `${expected} at byte ${byteOffset}`
    this.found = shown
  }
}
