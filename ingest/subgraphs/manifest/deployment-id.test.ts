import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { deploymentId, linkedManifest } from './deployment-id.ts'
import { ipfsHash } from './ipfs-hash.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

test.each([
  ['', 'QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH'],
  ['hello world\n', 'QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o'],
])('the file %j has the hash that IPFS publishes', (content, hash) => {
  expect(ipfsHash(new TextEncoder().encode(content))).toBe(hash)
})

test.each([
  [262_144, 'QmQrVyp1a4SsUrTQ7Mt6xxCArMcbMEHMt5oKPLfA4CuREz'],
  [262_145, 'QmYqRWLJRcKBePAeZWU2V9NQzKBFTzL9sEgnDg9W2wyyVY'],
  [1_000_000, 'QmXCYeDMJtt3yVofYvPyc2wjhizzHS1DBAHWZ8KiM2piCM'],
  [262_144 * 174, 'Qmf6gGCgNBVdmCF6bUNbLUgbBPkH3wCzNhnY5oMse6o1bB'],
  [262_144 * 175 + 5, 'QmPxy4T93f9pvx5DTMS7GWYqTCCWzJ5QE2PPLNGAw2djP1'],
])('a file of %i bytes has the hash of ipfs-unixfs-importer 17', (length, hash) => {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at += 1) bytes[at] = at * 7 + (at >> 8)
  expect(ipfsHash(bytes)).toBe(hash)
})

/** What the tools uploaded of the fuzz subgraph of `test/oracle`, and what they said its id was. */
const UPLOADS = {
  'graph-cli 0.98.1': {
    file: 'graph-cli.yaml',
    hashes: {
      'schema.graphql': 'QmPUqiAGb75S2fsSXpL8MrCZnXPfmyLT97YvRspRK1vCmL',
      'Fuzz/Fuzz.json': 'QmSsVngaDE9A7fb7dQCo696CXaDVdzM7X43w167VKvugzv',
      'Fuzz/Fuzz.wasm': 'QmcfkvngRcajaAGwn6iL2NUp9NWcMCUZyqCvdeuxpsnaeZ',
      'FuzzChild/FuzzChild.json': 'QmdgrQBAmwvTaPdp7zKArskkLST1yC5jGakajuobU62RGm',
      'templates/FuzzChild/FuzzChild.wasm': 'QmTdnSwtJJE1UhJtcPT5DGfDatS3QpRCJE4WsNtAmafPC2',
    },
    id: 'QmRPapM2tCfqty2BRJfpZt9ieXtqHZP2ACNjcokcC97DFL',
  },
  'gnd 0.45.0': {
    file: 'gnd.yaml',
    hashes: {
      'schema.graphql': 'QmPUqiAGb75S2fsSXpL8MrCZnXPfmyLT97YvRspRK1vCmL',
      'Fuzz/Fuzz.json': 'QmSsVngaDE9A7fb7dQCo696CXaDVdzM7X43w167VKvugzv',
      'Fuzz/Fuzz.wasm': 'QmacvX9EgdYTaNDzYRAKMSLXhu79Xo9zq4vPiqCgrh9RJ8',
      'templates/FuzzChild/FuzzChild.json': 'QmdgrQBAmwvTaPdp7zKArskkLST1yC5jGakajuobU62RGm',
      'templates/FuzzChild/FuzzChild.wasm': 'Qma2Lig2ocECMCqXa9ti3PjYoEDxpNePg8KcozF1jiVN9B',
    },
    id: 'QmdaE63TFZCwThL2k9qpVa5KMozERW7RLTsbg9Xjvj7rD1',
  },
}

test.each(Object.entries(UPLOADS))(
  'the manifest that %s uploads has the id that it prints',
  async (_tool, { file, hashes, id }) => {
    const folder = join(import.meta.dirname, '..', 'testing', 'manifests')
    const manifest = await readFile(join(folder, file), 'utf8')
    const linked = linkedManifest(manifest, new Map(Object.entries(hashes)))
    expect(ipfsHash(new TextEncoder().encode(linked))).toBe(id)
  },
)

test('a folder has an id, and another folder another one', async () => {
  const ids = await Promise.all(
    ['subgraph/build', 'test/oracle/fuzz/build'].map((folder) => deploymentId(join(ROOT, folder))),
  )
  for (const id of ids) expect(id).toMatch(/^Qm[1-9A-HJ-NP-Za-km-z]{44}$/)
  expect(new Set(ids).size).toBe(2)
})
