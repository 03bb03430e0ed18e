import { BigInt, Bytes, ethereum } from '@graphprotocol/graph-ts'

import {
  BatchAnchored,
  ProviderRegistered,
  ProviderSlashed,
  SigningKeySet,
  StakeChanged,
} from '../generated/ComputeRegistry/ComputeRegistry'
import {
  AnchoredReceipt,
  Provider,
  ReceiptBatch,
  SigningKey,
  Slashing,
  StakeChange,
  UsagePoint,
  WorkPoint,
} from '../generated/schema'
import { account, addEvidence, countEvent, eventId, protocol } from './protocol'
import { WORKLOADS } from './words'

const CONTRACT = 'ComputeRegistry'

/** How a batch encodes its receipts, in the order of its digests. */
const RECEIPTS_TYPE =
  '((address,address,uint8,uint64,bytes32[],uint256,uint256,uint64,uint64,bytes32,bytes32,bytes)[])'

export function handleProviderRegistered(event: ProviderRegistered): void {
  countEvent(CONTRACT, event)
  const provider = new Provider(event.params.provider)
  provider.account = account(event.params.provider, event).id
  provider.name = event.params.name
  provider.endpoint = event.params.endpoint
  provider.stake = BigInt.zero()
  provider.slashedTotal = BigInt.zero()
  provider.batchCount = 0
  provider.receiptCount = BigInt.zero()
  provider.feeTotal = BigInt.zero()
  provider.registeredBlock = event.block.number
  provider.save()
}

export function handleSigningKeySet(event: SigningKeySet): void {
  countEvent(CONTRACT, event)
  const key = new SigningKey(event.params.provider.concat(event.params.signer))
  key.provider = event.params.provider
  key.signer = event.params.signer
  key.isActive = event.params.active
  key.save()
}

export function handleStakeChanged(event: StakeChanged): void {
  countEvent(CONTRACT, event)
  const change = new StakeChange(eventId(event))
  change.provider = event.params.provider
  change.change = event.params.change
  change.stake = event.params.stake
  addEvidence(change, event)
  change.save()
  const provider = Provider.load(event.params.provider)!
  provider.stake = event.params.stake
  provider.save()
}

export function handleProviderSlashed(event: ProviderSlashed): void {
  countEvent(CONTRACT, event)
  const slashing = new Slashing(eventId(event))
  slashing.provider = event.params.provider
  slashing.amount = event.params.amount
  slashing.stake = event.params.stake
  slashing.evidenceHash = event.params.evidenceHash
  addEvidence(slashing, event)
  slashing.save()
  const provider = Provider.load(event.params.provider)!
  provider.slashedTotal = provider.slashedTotal.plus(slashing.amount)
  provider.save()
}

export function handleBatchAnchored(event: BatchAnchored): void {
  countEvent(CONTRACT, event)
  const digests = event.params.digests
  const bodies = bodiesOf(event.params.receipts, digests.length)
  const batch = new ReceiptBatch(event.params.batchId.toString())
  batch.provider = event.params.provider
  batch.root = event.params.root
  batch.feeTotal = event.params.feeTotal
  batch.digests = digests
  batch.hasBodies = bodies.length > 0
  batch.block = event.block.number
  batch.logIndex = event.logIndex
  batch.transactionHash = event.transaction.hash
  batch.atSeconds = event.block.timestamp
  batch.save()
  for (let index = 0; index < bodies.length; index++) {
    const id = eventId(event).concatI32(index)
    addReceipt(id, batch.id, digests[index], bodies[index])
  }
  countBatch(event.params.provider, digests.length, event.params.feeTotal)
}

function countBatch(providerId: Bytes, receiptCount: i32, feeTotal: BigInt): void {
  const provider = Provider.load(providerId)!
  provider.batchCount += 1
  provider.receiptCount = provider.receiptCount.plus(BigInt.fromI32(receiptCount))
  provider.feeTotal = provider.feeTotal.plus(feeTotal)
  provider.save()
  const point = new WorkPoint(0)
  point.provider = providerId
  point.receiptCount = receiptCount
  point.fee = feeTotal
  point.save()
  const sums = protocol()
  sums.receiptCount = sums.receiptCount.plus(BigInt.fromI32(receiptCount))
  sums.save()
}

/** The bodies of a batch; none when they travel off chain, or are not one for each digest. */
function bodiesOf(encoded: Bytes, count: i32): ethereum.Tuple[] {
  if (encoded.length == 0) return []
  const decoded = ethereum.decode(RECEIPTS_TYPE, encoded)
  if (decoded == null) return []
  const values = decoded.toTuple()[0].toArray()
  if (values.length != count) return []
  const bodies: ethereum.Tuple[] = []
  for (let index = 0; index < values.length; index++) bodies.push(values[index].toTuple())
  return bodies
}

/** Whoever anchors a batch writes its bodies: a workload that does not exist makes no receipt. */
function addReceipt(id: Bytes, batchId: string, digest: Bytes, body: ethereum.Tuple): void {
  const workload = body[2].toBigInt()
  if (workload.ge(BigInt.fromI32(WORKLOADS.length))) return
  const assets = body[4].toBytesArray()
  const receipt = new AnchoredReceipt(id)
  receipt.batch = batchId
  receipt.digest = digest
  receipt.provider = body[0].toAddress()
  receipt.consumer = body[1].toAddress()
  receipt.workload = WORKLOADS[workload.toI32()]
  receipt.nonce = body[3].toBigInt()
  receipt.assets = assets
  receipt.units = body[5].toBigInt()
  receipt.fee = body[6].toBigInt()
  receipt.startedAtSeconds = body[7].toBigInt()
  receipt.finishedAtSeconds = body[8].toBigInt()
  receipt.inputHash = body[9].toBytes()
  receipt.outputHash = body[10].toBytes()
  receipt.save()
  for (let index = 0; index < assets.length; index++) {
    const point = new UsagePoint(0)
    point.asset = assets[index]
    point.workload = receipt.workload
    point.units = receipt.units
    point.fee = receipt.fee
    point.save()
  }
}
