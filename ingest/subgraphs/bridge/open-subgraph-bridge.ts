import type { ClickHouseClient } from '@foggara/database'

import type { Rpc } from '../../chain/rpc.ts'
import type { Surroundings } from '../../surroundings.ts'
import { DeploymentChangedError } from '../store/deployment.ts'
import { BRIDGE_DEFAULTS, type Bridge, type BridgeSettings, openBridge } from './bridge.ts'
import { openGraphNode } from './graph-node.ts'
import { type StoredPass, openPassStore } from './pass-store.ts'
import { readHead } from './read-pass.ts'
import { readRemoteSchema } from './remote-schema.ts'

/** What a subgraph is copied from, and where to. */
export type SubgraphBridgeOptions = Surroundings & {
  readonly client: ClickHouseClient
  /** The GraphQL API of the subgraph, such as `http://127.0.0.1:8000/subgraphs/name/NAME`. */
  readonly graphNodeUrl: string
  /** The GraphQL API of the index node; undefined where no proofs are to be recorded. */
  readonly indexNodeUrl: string | undefined
  readonly rpc: Pick<Rpc, 'call' | 'shownUrl'>
  /** Lower-case letters, digits and `_`; the database is `subgraph_` and this. */
  readonly name: string
  /** The text of `schema.graphql`, which says what is immutable; undefined where it is not known. */
  readonly schemaText: string | undefined
  /** The `Qm…` id that it has to be; undefined for whatever is at the URL. */
  readonly deployment: string | undefined
  readonly settings?: Partial<BridgeSettings>
}

/** A subgraph of a running graph-node on its way into tables. */
export type SubgraphBridge = Bridge & {
  /** The name of the subgraph's own database in ClickHouse. */
  readonly database: string
  /** The `Qm…` id that graph-node says. */
  readonly deployment: string
  /** The newest passes that are stored, ascending. */
  readonly passes: () => readonly StoredPass[]
}

/**
 * Asks a graph-node for a subgraph's schema and opens the tables for it, where it goes on after the
 * last pass that is stored.
 *
 * @throws what `GraphNode.ask` raises, {@link DeploymentChangedError}, and `SUBGRAPH_NAME_INVALID`.
 */
export async function openSubgraphBridge(options: SubgraphBridgeOptions): Promise<SubgraphBridge> {
  const { client, name, rpc, nowMs, sleep, signal } = options
  const node = openGraphNode({ url: options.graphNodeUrl, sleep, signal })
  const { deployment } = await readHead(node)
  if (options.deployment !== undefined && options.deployment !== deployment) {
    throw new DeploymentChangedError(node.shownUrl, options.deployment, deployment)
  }
  const remote = await readRemoteSchema(node, options.schemaText)
  const { schema } = remote
  const store = await openPassStore({ client, name, deployment, schema, nowMs, sleep, signal })
  const indexNode =
    options.indexNodeUrl === undefined
      ? undefined
      : openGraphNode({ url: options.indexNodeUrl, sleep, signal, attemptsMax: 1 })
  const settings = { ...BRIDGE_DEFAULTS, ...options.settings }
  const bridge = openBridge({ node, indexNode, rpc, deployment, remote, store, settings, nowMs })
  return { ...bridge, database: store.database, deployment, passes: store.passes }
}
