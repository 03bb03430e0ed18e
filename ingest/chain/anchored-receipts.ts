import { type ClickHouseClient, queryRows } from '@foggara/database'
import {
  type Hex,
  type Pin,
  RECEIPT_BATCH_PARAMETERS,
  type Receipt,
  WORKLOADS,
  ZERO_ADDRESS,
  hexLiteral,
  pinnedRelations,
  receiptDigest,
} from '@foggara/schema'
import { type TypedDataDomain, decodeAbiParameters } from 'viem'

import { type ReceiptRefusal, contentProblem, recoverSigner } from '../receipts/judge-receipt.ts'
import type { Row } from '../store/row-binary.ts'
import { type DecodedLog, evidenceColumns } from './decode-log.ts'

/** What a digest of an anchored batch turned out to be. */
type Verdict = 'valid' | 'bodyless' | 'BATCH_MALFORMED' | ReceiptRefusal

/** A receipt as a batch holds it: its workload is still a number. */
type AnchoredBody = Omit<Receipt, 'workload'> & {
  readonly workloadNumber: number
  readonly signature: Hex
}

type Anchored = {
  readonly decoded: DecodedLog
  readonly position: number
  readonly batchId: bigint
  readonly provider: Hex
  readonly digest: Hex
  readonly body: AnchoredBody | 'bodyless' | 'BATCH_MALFORMED'
}

/** What stands in the tables before the range, for the ids that its receipts name. */
type Stored = {
  /** `provider signer` of active keys. */
  readonly signers: Set<string>
  readonly assets: Set<string>
  /** The digest that used up a nonce, by `provider nonce`. */
  readonly nonces: Map<string, Hex>
}

/**
 * Judges every digest of the batches that a range anchors and returns the rows of
 * `anchored_receipt`, in the order of the chain.
 *
 * A receipt is judged by what the chain knew just before its batch: `before` is the pin of the last
 * block before the range, later changes are taken from the range's own logs.
 */
export async function anchoredReceiptRows(
  client: ClickHouseClient,
  before: Pin | undefined,
  logs: readonly DecodedLog[],
  domain: TypedDataDomain,
  secondsOf: (block: number) => number,
): Promise<readonly Row[]> {
  const anchored = logs.flatMap(anchoredOf)
  if (anchored.length === 0) return []
  const stored = await readStored(client, before, anchored)
  const byLog = Map.groupBy(anchored, (item) => item.decoded)
  const rows: Row[] = []
  for (const decoded of logs) {
    learn(stored, decoded)
    for (const item of byLog.get(decoded) ?? []) {
      rows.push(await judge(item, stored, domain, secondsOf(decoded.log.block)))
    }
  }
  return rows
}

function anchoredOf(decoded: DecodedLog): readonly Anchored[] {
  if (decoded.event?.table.name !== 'batch_anchored') return []
  const { batchId, provider, digests, receipts } = decoded.event.argumentsByName as BatchArguments
  const bodies = receipts === '0x' ? 'bodyless' : decodeBodies(receipts, digests.length)
  return digests.map((digest, position) => ({
    decoded,
    position,
    batchId,
    provider: lowerCase(provider),
    digest,
    body: typeof bodies === 'string' ? bodies : (bodies[position] ?? 'BATCH_MALFORMED'),
  }))
}

/** The whole batch is malformed when its bodies cannot be decoded or are not one per digest. */
function decodeBodies(
  encoded: Hex,
  digestCount: number,
): readonly AnchoredBody[] | 'BATCH_MALFORMED' {
  try {
    const [{ receipts: bodies }] = decodeAbiParameters(RECEIPT_BATCH_PARAMETERS, encoded)
    if (bodies.length !== digestCount) return 'BATCH_MALFORMED'
    return bodies.map(({ workload, ...body }) => ({
      ...body,
      provider: lowerCase(body.provider),
      consumer: lowerCase(body.consumer),
      workloadNumber: workload,
    }))
  } catch {
    return 'BATCH_MALFORMED'
  }
}

/** Takes in what one log changes: a new asset, a signing key set or withdrawn. */
function learn(stored: Stored, { event }: DecodedLog): void {
  const { assetId, provider, signer, active } = event?.argumentsByName ?? {}
  if (event?.table.name === 'asset_registered') stored.assets.add(String(assetId))
  if (event?.table.name !== 'signing_key_set') return
  const key = `${String(provider)} ${String(signer)}`.toLowerCase()
  if (active === true) stored.signers.add(key)
  else stored.signers.delete(key)
}

async function judge(
  item: Anchored,
  stored: Stored,
  domain: TypedDataDomain,
  atSeconds: number,
): Promise<Row> {
  const { body, decoded, digest, position, batchId, provider } = item
  const common = {
    ...evidenceColumns(decoded.log, atSeconds),
    position,
    batch_id: batchId,
    digest,
  }
  if (typeof body === 'string') return { ...common, verdict: body, ...emptyBody(provider) }
  const { verdict, signer } = await verdictOf(item, body, stored, domain)
  if (verdict === 'valid') stored.nonces.set(`${provider} ${body.nonce}`, digest)
  return { ...common, verdict, ...bodyColumns(body, signer) }
}

async function verdictOf(
  item: Anchored,
  body: AnchoredBody,
  stored: Stored,
  domain: TypedDataDomain,
): Promise<{ verdict: Verdict; signer: Hex }> {
  const refused = (verdict: Verdict, signer: Hex = ZERO_ADDRESS) => ({ verdict, signer })
  const workload = WORKLOADS[body.workloadNumber]
  if (workload === undefined || contentProblem(body, body.workloadNumber) !== undefined) {
    return refused('RECEIPT_MALFORMED')
  }
  if (receiptDigest({ ...body, workload }, domain) !== item.digest) {
    return refused('DIGEST_MISMATCH')
  }
  if (body.provider !== item.provider) return refused('PROVIDER_MISMATCH')
  const usedBy = stored.nonces.get(`${body.provider} ${body.nonce}`)
  if (usedBy !== undefined && usedBy !== item.digest) return refused('NONCE_REUSED')
  if (body.assets.some((asset) => !stored.assets.has(asset))) return refused('ASSET_UNKNOWN')
  const signer = await recoverSigner(item.digest, body.signature)
  if (signer === undefined) return refused('SIGNATURE_INVALID')
  if (!stored.signers.has(`${body.provider} ${signer}`)) return refused('SIGNER_UNKNOWN', signer)
  return { verdict: 'valid', signer }
}

async function readStored(
  client: ClickHouseClient,
  before: Pin | undefined,
  anchored: readonly Anchored[],
): Promise<Stored> {
  if (before === undefined) return { signers: new Set(), assets: new Set(), nonces: new Map() }
  const bodies = anchored.map(({ body }) => body).filter((body) => typeof body !== 'string')
  const providers = literals(anchored.map(({ provider }) => provider))
  const from = pinnedRelations(before)
  const signers = await queryRows<{ pair: string }>(
    client,
    `select
      concat('0x', lower(hex(provider)), ' 0x', lower(hex(signer))) as pair
    from ${from.relation('signing_key_set')} as keys
    where provider in (${providers})
    group by provider, signer
    having argMax(active, (block, log_index))
    order by pair`,
  )
  const assets = new Set<string>()
  const nonces = new Map<string, Hex>()
  if (bodies.length > 0) {
    const ids = literals(bodies.flatMap((body) => body.assets))
    const found = await queryRows<{ id: string }>(
      client,
      `select concat('0x', lower(hex(asset_id))) as id
      from ${from.relation('asset_registered')} as registered
      where asset_id in (${ids})
      order by id`,
    )
    for (const { id } of found) assets.add(id)
    const used = await queryRows<{ key: string; digest_text: Hex }>(
      client,
      `select
        concat('0x', lower(hex(provider)), ' ', toString(nonce)) as key,
        concat('0x', lower(hex(digest))) as digest_text
      from ${from.relation('anchored_receipt')} as anchored
      where verdict = 'valid'
        and provider in (${providers})
        and nonce in (${[...new Set(bodies.map((body) => body.nonce))].join(', ')})
      order by block, log_index, position`,
    )
    for (const { key, digest_text: digest } of used) if (!nonces.has(key)) nonces.set(key, digest)
  }
  return { signers: new Set(signers.map(({ pair }) => pair)), assets, nonces }
}

function literals(ids: readonly Hex[]): string {
  return ids.length === 0 ? "''" : [...new Set(ids)].map(hexLiteral).join(', ')
}

function bodyColumns(body: AnchoredBody, signer: Hex): Row {
  return {
    provider: body.provider,
    consumer: body.consumer,
    workload: body.workloadNumber,
    nonce: body.nonce,
    assets: body.assets,
    units: body.units,
    fee: body.fee,
    started_at_seconds: body.startedAtSeconds,
    finished_at_seconds: body.finishedAtSeconds,
    input_hash: body.inputHash,
    output_hash: body.outputHash,
    signature: body.signature,
    signer,
  }
}

/** The columns of a receipt whose body is not in its batch: only the provider is known. */
function emptyBody(provider: Hex): Row {
  const zeroHash = `0x${'00'.repeat(32)}`
  return {
    provider,
    consumer: ZERO_ADDRESS,
    workload: 0,
    nonce: 0,
    assets: [],
    units: 0n,
    fee: 0n,
    started_at_seconds: 0,
    finished_at_seconds: 0,
    input_hash: zeroHash,
    output_hash: zeroHash,
    signature: '0x',
    signer: ZERO_ADDRESS,
  }
}

function lowerCase(address: Hex): Hex {
  return address.toLowerCase() as Hex
}

type BatchArguments = {
  readonly batchId: bigint
  readonly provider: Hex
  readonly digests: readonly Hex[]
  readonly receipts: Hex
}
