import { builder } from './builder.ts'

/** Which block to read at. */
export const BLOCK_INPUT = builder.inputType('BlockInput', {
  description: 'A block, by number or by hash; without it a field reads at the newest block.',
  isOneOf: true,
  fields: (t) => ({
    number: t.field({ type: 'SafeInt' }),
    hash: t.field({ type: 'Bytes32' }),
  }),
})
