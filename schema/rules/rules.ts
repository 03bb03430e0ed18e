import { ARCHIVE_RULES } from './archive-rules.ts'
import { EPOCH_RULES } from './epoch-rules.ts'
import { MONEY_RULES } from './money-rules.ts'
import type { Rule } from './rule.ts'

/** Every rule that is SQL over the stored rows. */
export const RULES: readonly Rule[] = [...ARCHIVE_RULES, ...MONEY_RULES, ...EPOCH_RULES]

/** The rule that asks the chain itself. */
export const SUPPLY_RULE = {
  name: 'balances-equal-supply',
  sentence: 'The balances of all accounts sum to the supply that the token states at the block.',
} as const

/** The name and sentence of every rule, in the order in which they are shown. */
export const RULE_SENTENCES: readonly { readonly name: string; readonly sentence: string }[] = [
  ...RULES.map(({ name, sentence }) => ({ name, sentence })),
  SUPPLY_RULE,
]
