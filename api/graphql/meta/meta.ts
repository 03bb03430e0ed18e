import type { Pin } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import type { ServiceStatus } from '../../status.ts'
import { BLOCK_INPUT } from '../block-input.ts'
import { builder } from '../builder.ts'
import { COMPLETENESS, UNPROVEN, classCounts, rangeCount } from './coverage.ts'
import { RULE, ruleStates } from './rules.ts'

type Meta = { readonly pin: Pin; readonly from: Reader; readonly status: ServiceStatus }

/** How sure a block is. */
export const FINALITY = builder.enumType('Finality', {
  description:
    'final: can no longer change. safe: unlikely to change. latest: may be retracted by a reorganisation.',
  values: ['final', 'safe', 'latest'] as const,
})

/** A block of any chain. */
export const BLOCK = builder.objectRef<Pin>('Block').implement({
  description: 'A block of the chain.',
  fields: (t) => ({
    number: t.field({ type: 'SafeInt', resolve: (pin) => pin.block }),
    hash: t.field({ type: 'Bytes32', resolve: (pin) => pin.blockHash }),
    timestamp: t.field({
      type: 'SafeInt',
      description: 'Unix seconds.',
      resolve: (pin) => pin.blockSeconds,
    }),
  }),
})

const COMMIT = builder.objectRef<Pin>('Commit').implement({
  description: 'The newest commit of each stream that the answer is read at.',
  fields: (t) => ({
    chain: t.field({ type: 'SafeInt', resolve: (pin) => pin.chain.commitSeq }),
    receipt: t.field({ type: 'SafeInt', resolve: (pin) => pin.receipt.commitSeq }),
    epoch: t.field({ type: 'SafeInt', resolve: (pin) => pin.epoch.commitSeq }),
  }),
})

const META = builder.objectRef<Meta>('Meta').implement({
  description: 'At which block and commit a request is answered, and how fresh that is.',
  fields: (t) => ({
    chainId: t.field({ type: 'SafeInt', resolve: (_meta, _args, context) => context.chainId }),
    block: t.field({ type: BLOCK, resolve: (meta) => meta.pin }),
    finality: t.field({ type: FINALITY, resolve: finalityOf }),
    settledBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'The last block that is stored as final; null before the first.',
      resolve: ({ pin }) => (pin.settledBlock < 0 ? null : pin.settledBlock),
    }),
    commit: t.field({ type: COMMIT, resolve: (meta) => meta.pin }),
    headBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'The newest block of the chain that was seen; null when unknown.',
      resolve: ({ status }) => status.headBlock ?? null,
    }),
    lag: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'How many blocks the answer is behind the head; null when unknown.',
      resolve: ({ pin, status }) =>
        status.headBlock === undefined ? null : Math.max(0, status.headBlock - pin.block),
    }),
    blocksPerSecond: t.float({
      nullable: true,
      description: 'The rate of indexing; 0 with a lag means that it stands still.',
      resolve: ({ status }) => status.blocksPerSecond ?? null,
    }),
    hasErrors: t.boolean({ resolve: ({ status }) => (status.errors ?? []).length > 0 }),
    errors: t.stringList({ resolve: ({ status }) => [...(status.errors ?? [])] }),
    completeness: t.field({
      type: [COMPLETENESS],
      description: 'What is known about the completeness of the blocks read.',
      extensions: { cost: { statements: 1 } },
      resolve: ({ from }) => classCounts(from),
    }),
    rules: t.field({
      type: [RULE],
      description: 'What must hold of the stored rows, and whether it does.',
      extensions: { cost: { statements: 2 } },
      resolve: ({ from }) => ruleStates(from),
    }),
    unproven: t.field({
      type: UNPROVEN,
      description:
        'The blocks whose completeness rests on one provider, or that could not be read.',
      args: { first: t.arg.int({ defaultValue: 20, description: 'How many ranges, up to 200.' }) },
      resolve: ({ from }, { first }) => ({ from, first: rangeCount(first ?? 20) }),
    }),
  }),
})

builder.queryField('_meta', (t) =>
  t.field({
    type: META,
    description: 'At which block and commit this request is answered, and how fresh that is.',
    args: { at: t.arg({ type: BLOCK_INPUT, required: false }) },
    resolve: async (_root, args, context) => {
      const from = await context.at(args.at)
      return { pin: from.pin, from, status: await context.status() }
    },
  }),
)

function finalityOf({ pin, status }: Meta): 'final' | 'safe' | 'latest' {
  if (pin.block <= Math.max(pin.settledBlock, status.finalBlock ?? -1)) return 'final'
  return pin.block <= (status.safeBlock ?? -1) ? 'safe' : 'latest'
}
