import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { devnetDeployment, signReceipt, startAnvil } from '@foggara/devnet'
import { type Hex, type Receipt, receiptToJson } from '@foggara/schema'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { runFoggara } from './command.ts'
import { type RunningFoggara, freePort, startFoggara } from './running-foggara.ts'

/** What people get wrong, and what they are told: a code each, and nothing is lost or half-done. */

let folder: string
let foggara: RunningFoggara
const file = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'foggara-refusals-'))
  foggara = await startFoggara()
}, 180_000)

afterAll(async () => {
  await foggara?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

test('an unreachable RPC', async () => {
  writeFileSync(file('deployment.json'), JSON.stringify(devnetDeployment(31337)))
  const rpcUrl = `http://127.0.0.1:${await freePort()}`
  const { code, errors } = await runFoggara(['start', '--port', '0'], {
    FOGGARA_DATA_DIR: file('unreachable'),
    FOGGARA_RPC_URL: rpcUrl,
    FOGGARA_DEPLOYMENT: file('deployment.json'),
  })
  expect(errors).toContain(`RPC_UNREACHABLE expected ${rpcUrl} to answer`)
  expect(code).toBe(75)
})

test('a chain with another id', async () => {
  await using anvil = await startAnvil()
  writeFileSync(file('other.json'), JSON.stringify(devnetDeployment(5)))
  const { code, errors } = await runFoggara(['start', '--port', '0'], {
    FOGGARA_DATA_DIR: file('wrong-chain'),
    FOGGARA_RPC_URL: anvil.rpcUrl,
    FOGGARA_DEPLOYMENT: file('other.json'),
  })
  expect(errors).toContain(`RPC_WRONG_CHAIN expected chain 5 at ${anvil.rpcUrl}, found chain 31337`)
  expect(code).toBe(1)
})

test('an unknown key in the settings file', async () => {
  writeFileSync(file('foggara.config.ts'), 'export default { prot: 4100 }\n')
  const { code, errors } = await runFoggara(['start', '--config', file('foggara.config.ts')])
  expect(errors).toContain('CONFIG_KEY_UNKNOWN')
  expect(errors).toContain('port')
  expect(code).toBe(1)
})

test('a port in use', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const { code, errors } = await runFoggara(['start', '--port', String(port)], {
    FOGGARA_DATA_DIR: file('port'),
  })
  server.close()
  expect(errors).toContain('PORT_IN_USE')
  expect(errors).toContain(String(port))
  expect(code).toBe(1)
})

test('a data directory that another Foggara holds', async () => {
  const { code, errors } = await runFoggara(['start', '--port', '0'], {
    FOGGARA_DATA_DIR: foggara.dataDir,
  })
  expect(errors).toContain('DATA_DIRECTORY_IN_USE')
  expect(code).toBe(1)
})

test.each([
  ['a negative weight', 'from,to,weight\na,b,-1\n', 'id,weight\na,1\n', 'WEIGHT_NEGATIVE'],
  ['an id given twice', 'from,to,weight\na,b,1\n', 'id,weight\na,1\na,2\n', 'ID_REPEATED'],
])('a CSV file with %s, with its line', async (_, edges, teleport, expected) => {
  writeFileSync(file('edges.csv'), edges)
  writeFileSync(file('teleport.csv'), teleport)
  const { code, errors, output } = await runFoggara([
    'score',
    '--edges',
    file('edges.csv'),
    '--teleport',
    file('teleport.csv'),
    '--budget',
    '100',
  ])
  expect(errors).toMatch(new RegExp(`^${expected} .* line \\d+: `))
  expect([code, output]).toEqual([1, ''])
})

test('receipts that are forged, foreign or malformed, each with its own code', async () => {
  const known = await foggara.query<Known>(KNOWN)
  const provider = known.providers.nodes[0]?.account.address ?? '0x'
  const [asset] = known.assets.nodes.map(({ assetId }) => assetId)
  const stranger = `0x${'5e'.repeat(32)}` as const
  const receipt: Receipt = {
    provider,
    consumer: privateKeyToAccount(stranger).address.toLowerCase() as Hex,
    workload: 'INFERENCE',
    nonce: 999_999n,
    assets: asset === undefined ? [] : [asset],
    units: 1n,
    fee: 1n,
    startedAtSeconds: BigInt(known._meta.block.timestamp),
    finishedAtSeconds: BigInt(known._meta.block.timestamp),
    inputHash: `0x${'01'.repeat(32)}`,
    outputHash: `0x${'02'.repeat(32)}`,
  }
  const signed = await signReceipt(devnetDeployment(31337), receipt, stranger)
  const forged = receiptToJson(signed)
  const foreign = receiptToJson(await signReceipt(devnetDeployment(1), receipt, stranger))
  const answers = await Promise.all(
    [
      JSON.stringify(forged),
      JSON.stringify(foreign),
      JSON.stringify({ ...forged, signature: `0x${'00'.repeat(65)}` }),
      JSON.stringify({ ...forged, fee: '-1' }),
      '{"provider":\n\n; drop table commits;\n',
    ].map(submit),
  )
  // A key that nobody knows may be set in a block that is not indexed yet: its receipts wait.
  expect(answers).toMatchInlineSnapshot(`
    [
      "202 quarantined SIGNER_UNKNOWN",
      "202 quarantined SIGNER_UNKNOWN",
      "400 rejected SIGNATURE_INVALID",
      "400 rejected RECEIPT_MALFORMED",
      "400 rejected RECEIPT_NOT_JSON",
    ]
  `)
  const { receipt: stored } = await foggara.query<{ receipt: unknown }>(
    'query ($digest: Bytes32!) { receipt(digest: $digest) { digest } }',
    { digest: signed.digest },
  )
  expect(stored).toBeNull()
})

async function submit(body: string): Promise<string> {
  const answer = await fetch(`${foggara.url}/receipts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  const { status, code } = (await answer.json()) as { status: string; code: string }
  return `${answer.status} ${status} ${code}`
}

const KNOWN = `{
  _meta { block { timestamp } }
  providers(first: 1) { nodes { account { address } } }
  assets(first: 1) { nodes { assetId } }
}`

type Known = {
  _meta: { block: { timestamp: number } }
  providers: { nodes: readonly { account: { address: Hex } }[] }
  assets: { nodes: readonly { assetId: Hex }[] }
}
