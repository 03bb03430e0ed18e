/** The protocol's words in the order of their numbers on chain. */
export const ASSET_KINDS: string[] = ['MODEL', 'DATASET', 'AGENT', 'TOOL', 'COMPUTE']

export const RELATIONS: string[] = [
  'FINETUNED_FROM',
  'ADAPTER_OF',
  'QUANTIZED_FROM',
  'MERGED_FROM',
  'DISTILLED_FROM',
  'TRAINED_ON',
  'EVALUATED_ON',
  'DATASET_DERIVED_FROM',
  'COMPOSED_OF',
]

export const CONTRIBUTION_ROLES: string[] = [
  'DEVELOPER',
  'DATA_PROVIDER',
  'RESEARCHER',
  'REVIEWER',
  'BUSINESS',
]

export const WORKLOADS: string[] = ['INFERENCE', 'TRAINING', 'AGENT_RUN', 'EVALUATION']

export const PAYMENT_KINDS: string[] = ['USAGE', 'LICENCE', 'SALE', 'TIP']

export const ACCESS_SCOPES: string[] = ['READ', 'INFER', 'TRAIN']

export const VOTE_SUPPORTS: string[] = ['AGAINST', 'FOR', 'ABSTAIN']

export const PROPOSAL_OUTCOMES: string[] = ['EXECUTED', 'CANCELLED']

/** The word of a number; the contracts check theirs, so an unknown number is another protocol's. */
export function word(words: string[], index: i32): string {
  assert(
    index >= 0 && index < words.length,
    'expected a word of the protocol, found ' + index.toString(),
  )
  return words[index]
}
