/** How it is known of a block that nothing of it is missing. */
export type CompletenessWords = {
  readonly label: string
  readonly remark: string
  readonly tone: number
}

/** The words for each kind of evidence, by the index's own name for it. */
export const COMPLETENESS: Readonly<Record<string, CompletenessWords>> = {
  accumulator: {
    label: 'Contract accumulator equal',
    remark: 'every contract’s own rolling hash over its events agrees with what is stored',
    tone: 1,
  },
  'receipts-root': {
    label: 'Receipts root proved',
    remark: 'all receipts of the block fold to the root in its header',
    tone: 3,
  },
  'bloom-negative': {
    label: 'Nothing there, by bloom',
    remark: 'the header’s bloom filter rules out any event of the contracts',
    tone: 5,
  },
  undecoded: {
    label: 'Not readable',
    remark: 'an event could not be decoded, so the rolling hash could not be followed',
    tone: 4,
  },
  quorum: {
    label: 'Providers agree',
    remark: 'two providers gave the same events; no proof was to be had',
    tone: 6,
  },
  trusted: {
    label: 'Trusted only',
    remark: 'the provider was believed; no proof was to be had',
    tone: 2,
  },
}
