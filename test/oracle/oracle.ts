import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

import postgres, { type Sql } from 'postgres'

import {
  type EntityType,
  type EntityVersion,
  entityTypes,
  readVersions,
} from './entity-versions.ts'
import { startIpfsStub } from './ipfs-stub.ts'
import { type OwnProcess, freePorts, startProcess, until } from './own-process.ts'
import { type OraclePackages, findPackages } from './packages.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

export type OracleOptions = {
  readonly rpcUrl: string
  /** The network's name in the manifests. */
  readonly network: string
  /** The `subgraph.yaml` files of compiled subgraphs; each folder name is unique. */
  readonly manifests: readonly string[]
  /** Ids to deploy them as, where `build/` of a folder with sources; or else their paths. */
  readonly ids?: readonly string[]
  /** Keeps going after deterministic failures of subgraphs that declare `nonFatalErrors`. */
  readonly goesOnAfterErrors?: boolean
  /** Writes every event that goes into a proof of indexing to the log. */
  readonly logsEvents?: boolean
  /** Files of IPFS by their names. */
  readonly files?: ReadonlyMap<string, Uint8Array>
}

/** A real graph-node that indexes a chain, to compare with. */
export type Oracle = AsyncDisposable & {
  /** In the order of the manifests. */
  readonly deployments: readonly Deployment[]
  /** Where the files are, for gateways. */
  readonly ipfsUrl: string
  /** Everything that graph-node has written. */
  log(): string
  stop(): Promise<void>
}

/** A subgraph in the oracle. */
export type Deployment = {
  readonly manifest: string
  /** What goes into the proof of indexing as the deployment's id. */
  readonly id: string
  /** Its GraphQL API, and that of the index node. */
  readonly urls: { readonly http: string; readonly index: string }
  /** The types that its schema stores. */
  readonly types: readonly EntityType[]
  /** Waits until the subgraph is at a block (at that very one, given its hash) or has failed. */
  untilBlock(number: number, options?: UntilBlockOptions): Promise<Health>
  health(): Promise<Health>
  /** Every version of a type, or of one interval of an aggregation (`Name_hour`, `Name_day`). */
  versions(typeName: string): Promise<readonly EntityVersion[]>
  /** The failures of handlers that have not been reverted, in the order of their blocks. */
  errors(): Promise<readonly HandlerError[]>
  /** The digests of the proof of indexing, by the block that changed them. */
  proofDigests(): Promise<readonly ProofDigest[]>
  /** The public proof of indexing at a block, for an indexer; null when there is none. */
  proof(blockNumber: number, blockHash: string, indexer?: string): Promise<string | null>
  /** Asks the GraphQL API of the subgraph. */
  query(text: string): Promise<unknown>
}

export type UntilBlockOptions = {
  readonly blockHash?: string
  readonly waitMsMax?: number
}

/** How far a subgraph has come. */
export type Health = {
  readonly blockNumber: number
  readonly blockHash: string | undefined
  readonly health: 'healthy' | 'unhealthy' | 'failed'
  /** The failure that ended it, while it is `failed`. */
  readonly fatalError: string | undefined
}

/** A failure of a handler. */
export type HandlerError = {
  readonly blockNumber: number
  readonly isDeterministic: boolean
  readonly message: string
}

/** The digest of one causality region from a block on. */
export type ProofDigest = {
  readonly region: string
  readonly fromBlock: number
  readonly toBlock: number | null
  readonly digest: string
}

/**
 * Starts Postgres, graph-node and what it needs beside them, and deploys the subgraphs. The chain's
 * node must still know the states of all blocks that handlers make calls at.
 */
export async function startOracle(options: OracleOptions): Promise<Oracle> {
  const packages = findPackages()
  if ('missing' in packages) throw new Error(`expected the oracle's packages: ${packages.missing}`)
  const stops: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of stops.splice(0).toReversed()) await end()
  }
  try {
    const server = await startPostgres(packages.postgresBin)
    stops.push(() => server.stop())
    return await startNode(options, packages, server, stops, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

const START_MS_MAX = 120_000
const INDEX_MS_MAX = 300_000

async function startNode(
  options: OracleOptions,
  packages: OraclePackages,
  server: PostgresServer,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Oracle> {
  const databaseUrl = await server.createDatabase('oracle')
  const ipfs = await startIpfsStub(options.files)
  stops.push(() => ipfs.stop())
  const [http = 0, index = 0, admin = 0, metrics = 0] = await freePorts(4)
  const folder = mkdtempSync(join(tmpdir(), 'foggara-graph-node-'))
  stops.push(async () => rmSync(folder, { recursive: true, force: true }))
  const flags = {
    'postgres-url': databaseUrl,
    ipfs: ipfs.url,
    'ethereum-rpc': `${options.network}:${options.rpcUrl}`,
    ...deployedFiles(options),
    'http-port': http,
    'index-node-port': index,
    'admin-port': admin,
    'metrics-port': metrics,
  }
  const node = startProcess(
    packages.gnd,
    ['dev', ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    {
      cwd: folder,
      env: nodeEnvironment(options),
      logFile: join(folder, 'graph-node.log'),
      stopSignal: 'SIGINT',
    },
  )
  stops.push(() => node.stop())
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })
  stops.push(() => sql.end({ timeout: 1 }))
  const rows = await untilDeployed(node, sql, options.manifests.length)
  const urls = { http: `http://127.0.0.1:${http}`, index: `http://127.0.0.1:${index}/graphql` }
  const deployments = options.manifests.map((manifest, place) => {
    const wanted = options.ids?.[place] ?? manifest
    const row = rows.find(({ id }) => id.includes(wanted) || wanted.includes(id))
    if (row === undefined) throw new Error(`expected a deployment of ${manifest}`)
    return openDeployment(manifest, row, sql, node, {
      http: `${urls.http}/subgraphs/name/subgraph-${place}`,
      index: urls.index,
    })
  })
  return {
    deployments,
    ipfsUrl: ipfs.url,
    log: () => node.log(),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A manifest that is also a named source is deployed under that name. */
function deployedFiles({ manifests, ids }: OracleOptions): Readonly<Record<string, string>> {
  const files = { manifests: manifests.map((file) => `${file}:.`).join(',') }
  if (ids === undefined) return files
  const sources = manifests.map((file) => join(dirname(dirname(file)), basename(file)))
  return { ...files, sources: sources.map((file, place) => `${ids[place]}:${file}`).join(',') }
}

/**
 * No writes behind the back: with its queue, graph-node may miss in `loadRelated` what a block before
 * has changed, and its proofs then differ between runs.
 */
function nodeEnvironment(options: OracleOptions): NodeJS.ProcessEnv {
  return {
    PATH: '/usr/bin:/bin',
    GRAPH_STORE_WRITE_QUEUE: '0',
    GRAPH_LOG: options.logsEvents === true ? 'debug' : 'info',
    GRAPH_LOG_POI_EVENTS: `${options.logsEvents === true}`,
    GRAPH_DISABLE_FAIL_FAST: `${options.goesOnAfterErrors === true}`,
    GRAPH_ETHEREUM_REQUEST_RETRIES: '2',
    ETHEREUM_POLLING_INTERVAL: '200',
    ETHEREUM_REORG_THRESHOLD: '50',
  }
}

type DeploymentRow = { readonly id: string; readonly namespace: string }

async function untilDeployed(
  node: OwnProcess,
  sql: Sql,
  count: number,
): Promise<readonly DeploymentRow[]> {
  return until('expected graph-node to deploy', node, START_MS_MAX, async () => {
    try {
      const rows = await sql<DeploymentRow[]>`
        select schemas.subgraph as id, schemas.name as namespace
        from public.deployment_schemas as schemas
        join subgraphs.head as head on head.id = schemas.id
        order by schemas.id`
      return rows.length === count ? rows : undefined
    } catch {
      return undefined
    }
  })
}

function openDeployment(
  manifest: string,
  row: DeploymentRow,
  sql: Sql,
  node: OwnProcess,
  urls: { readonly http: string; readonly index: string },
): Deployment {
  const types = entityTypes(join(dirname(manifest), schemaFile(manifest)))
  const health = () => readHealth(urls.index, row.id)
  return {
    manifest,
    id: row.id,
    urls,
    types,
    health,
    async untilBlock(number, { blockHash, waitMsMax = INDEX_MS_MAX } = {}) {
      return until(`expected ${manifest} at block ${number}`, node, waitMsMax, async () => {
        const now = await health()
        const isThere =
          blockHash === undefined ? now.blockNumber >= number : now.blockHash === blockHash
        return isThere || now.health === 'failed' ? now : undefined
      })
    },
    async versions(typeName) {
      const type = types.find(({ name }) => name === typeName)
      if (type === undefined) throw new Error(`expected a stored type, found ${typeName}`)
      return readVersions(sql, row.namespace, type)
    },
    errors: () => readErrors(sql, row.id),
    proofDigests: () => readDigests(sql, row.namespace),
    async proof(blockNumber, blockHash, indexer) {
      const block = `blockNumber: ${blockNumber}, blockHash: "${blockHash}"`
      const whose = indexer === undefined ? '' : `, indexer: "${indexer}"`
      const text = `{ proofOfIndexing(subgraph: "${row.id}", ${block}${whose}) }`
      const { proofOfIndexing } = (await ask(urls.index, text)) as {
        proofOfIndexing: string | null
      }
      return proofOfIndexing
    },
    query: (text) => ask(urls.http, text),
  }
}

function schemaFile(manifest: string): string {
  const file = /schema:\s*\n\s*file:\s*(\S+)/.exec(readFileSync(manifest, 'utf8'))?.[1]
  if (file === undefined) throw new Error(`expected a schema in ${manifest}`)
  return file
}

async function readDigests(sql: Sql, namespace: string): Promise<readonly ProofDigest[]> {
  const rows = await sql.unsafe(`
    select id as region, lower(block_range) as from_block, upper(block_range) as to_block,
      encode(digest, 'hex') as digest
    from "${namespace}"."poi2$"
    order by lower(block_range), id`)
  return rows.map((row) => ({
    region: row['region'],
    fromBlock: row['from_block'],
    toBlock: row['to_block'],
    digest: row['digest'],
  }))
}

async function readErrors(sql: Sql, id: string): Promise<readonly HandlerError[]> {
  const rows = await sql`
    select lower(block_range) as block_number, deterministic, message
    from subgraphs.subgraph_error
    where subgraph_id = ${id}
    order by lower(block_range), message`
  return rows.map((row) => ({
    blockNumber: row['block_number'],
    isDeterministic: row['deterministic'],
    message: row['message'],
  }))
}

async function readHealth(indexUrl: string, id: string): Promise<Health> {
  const text = `{ indexingStatuses(subgraphs: ["${id}"]) {
    health
    chains { latestBlock { number hash } }
    fatalError { message }
  } }`
  const { indexingStatuses } = (await ask(indexUrl, text)) as {
    readonly indexingStatuses: readonly IndexingStatus[]
  }
  const [status] = indexingStatuses
  const latest = status?.chains[0]?.latestBlock
  return {
    blockNumber: Number(latest?.number ?? -1),
    blockHash: latest === undefined || latest === null ? undefined : `0x${latest.hash}`,
    health: status?.health ?? 'healthy',
    fatalError: status?.fatalError?.message,
  }
}

type IndexingStatus = {
  readonly health: Health['health']
  readonly chains: readonly {
    readonly latestBlock: { readonly number: string; readonly hash: string } | null
  }[]
  readonly fatalError: { readonly message: string } | null
}

async function ask(url: string, query: string): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const answer = (await response.json()) as { data?: unknown; errors?: unknown }
  if (answer.errors !== undefined) {
    throw new Error(`expected an answer to ${query}, found ${JSON.stringify(answer.errors)}`)
  }
  return answer.data
}
