import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { encodeFunctionData } from 'viem'
import { describe, expect, test } from 'vitest'

import { devnetAccounts } from '../../devnet/index.ts'
import { openRpc } from '../../devnet/rpc.ts'
import { openFileMonitor } from '../../ingest/subgraphs/files/file-monitor.ts'
import { ipfsHash } from '../../ingest/subgraphs/manifest/ipfs-hash.ts'
import { sourcesDigest } from '../../subgraph/build-subgraph.ts'
import { readFuzzContract } from './build-fuzz.ts'
import type { EntityVersion } from './entity-versions.ts'
import { startFuzzChain } from './fuzz-chain.ts'
import { type Deployment, startOracle } from './oracle.ts'
import { oracleMissing } from './packages.ts'
import { type InProcessRun, runInProcess } from './run-in-process.ts'
import { versionText } from './trace.ts'

const FOLDER = join(import.meta.dirname, 'files')
const MANIFEST = join(FOLDER, 'build', 'subgraph.yaml')
const ADDRESS = '0x5fbdb2315678afecb367f032d93f642f64180aa3'

const [last, lastName] = named('the last one')
const [first, firstName] = named(`next: ${lastName}`)
const [other, otherName] = named('naïve 🦀')
const FILES = new Map([
  [firstName, first],
  [lastName, last],
  [otherName, other],
])
/** Names by block: the same file again, a text that is no name, and a name as a URL. */
const MENTIONS = [[firstName, firstName, 'no name'], [`ipfs://${otherName}`], [firstName]]
const ROUND_COUNT_MAX = 100
const YAML_TEXTS_PER_BLOCK = 40
/** Texts that are YAML in every dress, or nearly: graph-node says what each of them means. */
const YAML_TEXTS: readonly string[] = JSON.parse(readFileSync(join(FOLDER, 'yaml.json'), 'utf8'))

test('the subgraph of files is compiled from its sources', () => {
  const built = readFileSync(join(FOLDER, 'build', 'sources.sha256'), 'utf8')
  expect(built.trim()).toBe(sourcesDigest(FOLDER))
})

const missing = oracleMissing()
const where = missing === undefined ? 'as a real graph-node' : `(skipped: ${missing})`

describe.skipIf(missing !== undefined)(`files of IPFS ${where}`, () => {
  test(
    'give the same entities, and the same proof in every block',
    { timeout: 180_000 },
    async () => {
      const chain = await startFuzzChain({ seed: 'files', failuresPerMille: 0 }, 1)
      await using _chainEnded = chain.anvil
      const { rpcUrl } = chain.anvil
      const mine = minerOf(rpcUrl)
      let head = chain.headBlock
      for (const names of MENTIONS) head = await mine(names)
      for (let at = 0; at < YAML_TEXTS.length; at += YAML_TEXTS_PER_BLOCK) {
        head = await mine(YAML_TEXTS.slice(at, at + YAML_TEXTS_PER_BLOCK))
      }
      await using oracle = await startOracle({
        rpcUrl,
        network: 'foggara-devnet',
        manifests: [MANIFEST],
        files: FILES,
      })
      const [deployment] = oracle.deployments
      if (deployment === undefined) throw new Error('expected a deployment')
      const signal = new AbortController().signal
      const gateways = { ipfs: [oracle.ipfsUrl], arweave: [] }
      const sleep = () => new Promise<void>(() => undefined)
      const run = await runInProcess(MANIFEST, rpcUrl, openFileMonitor({ gateways, sleep, signal }))
      // A file is read in the next block with an event: both get blocks until both have read all.
      for (let round = 0; round < ROUND_COUNT_MAX; round += 1) {
        await deployment.untilBlock(head)
        await run.runTo(head)
        if (countOf(run) === FILES.size && (await textsOf(deployment)).length === FILES.size) break
        head = await mine(['no name'])
      }
      expect(await sameRuns(deployment, run)).toBe(FILES.size)
      expect(await deployment.errors()).toEqual([])
    },
  )
})

/** How many texts both have, once all that does not depend on the time was found to be equal. */
async function sameRuns(deployment: Deployment, run: InProcessRun): Promise<number> {
  const [mentions, texts] = deployment.types
  if (mentions === undefined || texts === undefined) throw new Error('expected two types')
  const ofChain = (versions: readonly EntityVersion[]) =>
    versions.map((version) => versionText(mentions, version)).toSorted(byText)
  expect(ofChain(run.versions(mentions))).toEqual(ofChain(await deployment.versions('Mention')))
  const digests = await deployment.proofDigests()
  expect(run.proofDigests()).toEqual(
    Object.fromEntries(digests.map(({ fromBlock, digest }) => [fromBlock, digest])),
  )
  const theirs = await textsOf(deployment)
  expect(run.versions(texts).map(fieldsText).toSorted(byText)).toEqual(theirs)
  return theirs.length
}

async function textsOf(deployment: Deployment): Promise<readonly string[]> {
  return (await deployment.versions('Text')).map(fieldsText).toSorted(byText)
}

function countOf(run: InProcessRun): number {
  return run.store.versions().filter(({ entityType }) => entityType === 'Text').length
}

function fieldsText({ fields }: EntityVersion): string {
  return JSON.stringify(fields)
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

function named(content: string): readonly [bytes: Uint8Array, name: string] {
  const bytes = new TextEncoder().encode(content)
  return [bytes, ipfsHash(bytes)]
}

/** Mines a block whose events give these names, and says its number. */
function minerOf(rpcUrl: string): (names: readonly string[]) => Promise<number> {
  const rpc = openRpc(rpcUrl)
  const { abi } = readFuzzContract()
  return async (names) => {
    for (const name of names) {
      const shape = { kind: 1, label: '', values: [] }
      const args = [1n, shape, [], false, name]
      const data = encodeFunctionData({ abi, functionName: 'shape', args })
      const from = devnetAccounts.testers[0].address
      const limits = { gas: '0x1c9c380', gasPrice: '0x0' }
      await rpc.request('eth_sendTransaction', { from, to: ADDRESS, data, ...limits })
    }
    await rpc.request('evm_mine')
    return Number(await rpc.request('eth_blockNumber'))
  }
}
