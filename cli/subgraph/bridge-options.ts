import type { OptionSpec } from '../command.ts'

/** The options of `foggara subgraph bridge` that no other action has. */
export const BRIDGE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  'graph-node': {
    type: 'string',
    placeholder: 'URL',
    description: 'bridge: the GraphQL API of the subgraph, …/subgraphs/name/NAME or …/id/Qm…',
  },
  'index-node': {
    type: 'string',
    placeholder: 'URL',
    description:
      'bridge: the API of the index node, for the proofs (default: port 8030 where the subgraph is at port 8000, else none)',
  },
  schema: {
    type: 'string',
    placeholder: 'FILE',
    description:
      'bridge: the schema.graphql of the subgraph (default: what the API says, which does not tell what is immutable)',
  },
  from: {
    type: 'string',
    placeholder: 'BLOCK',
    description:
      'bridge: copy the state at this block first and what changed from there on (default: the newest block that is not copied one by one)',
  },
  'exact-blocks': {
    type: 'string',
    placeholder: 'COUNT',
    description: 'bridge: copy so many blocks below the head one by one (default 64)',
  },
  'pass-blocks': {
    type: 'string',
    placeholder: 'COUNT',
    description: 'bridge: how many blocks a pass before those has at most (default 10000)',
  },
  'removals-every': {
    type: 'string',
    placeholder: 'COUNT',
    description:
      'bridge: look for removed entities every so many blocks, by the ids of all that are mutable (default 1; 0 for never)',
  },
  'allow-errors': {
    type: 'boolean',
    description: 'bridge: copy what a subgraph with indexing errors has',
  },
  once: { type: 'boolean', description: 'bridge: end at the head of the subgraph' },
}
