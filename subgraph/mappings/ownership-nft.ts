import { Address, BigInt, Bytes, store } from '@graphprotocol/graph-ts'

import {
  AccessGranted,
  AccessRevoked,
  AssetRegistered,
  AssetTransferred,
  DisputeRaised,
  DisputeResolved,
  EdgeEnded,
  EdgeLinked,
  StorageAnchored,
  VersionPublished,
} from '../generated/OwnershipNFT/OwnershipNFT'
import {
  AccessGrant,
  Asset,
  AssetTransfer,
  AssetVersion,
  Dispute,
  OpenEdge,
  ProvenanceEdge,
  StorageAnchor,
  Vault,
} from '../generated/schema'
import { account, addEvidence, asset, countEvent, eventId, fraction, protocol } from './protocol'
import { ACCESS_SCOPES, ASSET_KINDS, RELATIONS, word } from './words'

const CONTRACT = 'OwnershipNFT'

export function handleAssetRegistered(event: AssetRegistered): void {
  countEvent(CONTRACT, event)
  const creator = account(event.params.creator, event)
  creator.createdCount += 1
  creator.save()
  const created = new Asset(event.params.assetId)
  created.kind = word(ASSET_KINDS, event.params.kind)
  created.name = event.params.name
  created.creator = creator.id
  created.holder = creator.id
  created.metadataUri = event.params.metadataUri
  created.metadataHash = event.params.metadataHash
  created.versionCount = 0
  created.transferCount = 0
  created.disputeCount = 0
  created.isDisputed = false
  created.registeredBlock = event.block.number
  created.registeredAtSeconds = event.block.timestamp
  created.save()
  openVault(created.id)
  const sums = protocol()
  sums.assetCount = sums.assetCount.plus(BigInt.fromI32(1))
  sums.save()
}

export function handleVersionPublished(event: VersionPublished): void {
  countEvent(CONTRACT, event)
  const version = new AssetVersion(eventId(event))
  version.asset = event.params.assetId
  version.version = event.params.version
  version.contentHash = event.params.contentHash
  version.metadataUri = event.params.metadataUri
  version.metadataHash = event.params.metadataHash
  addEvidence(version, event)
  version.save()
  const versioned = asset(event.params.assetId)
  versioned.metadataUri = version.metadataUri
  versioned.metadataHash = version.metadataHash
  versioned.contentHash = version.contentHash
  versioned.newestVersion = version.id
  versioned.versionCount += 1
  versioned.save()
}

export function handleEdgeLinked(event: EdgeLinked): void {
  countEvent(CONTRACT, event)
  const edge = new ProvenanceEdge(eventId(event))
  edge.child = event.params.childId
  edge.parent = event.params.parentId
  edge.relation = word(RELATIONS, event.params.relation)
  edge.shareE8 = event.params.shareE8
  edge.share = fraction(event.params.shareE8)
  if (!event.params.licenceId.isZero()) edge.licence = event.params.licenceId.toString()
  addEvidence(edge, event)
  edge.save()
  const open = new OpenEdge(edgeKey(edge.child, edge.parent, event.params.relation))
  open.edge = edge.id
  open.save()
}

export function handleEdgeEnded(event: EdgeEnded): void {
  countEvent(CONTRACT, event)
  const key = edgeKey(event.params.childId, event.params.parentId, event.params.relation)
  const open = OpenEdge.load(key)
  assert(open != null, 'expected an edge that holds, found none at ' + key.toHexString())
  const edge = ProvenanceEdge.load(open!.edge)
  edge!.endedBlock = event.block.number
  edge!.save()
  store.remove('OpenEdge', key.toHexString())
}

export function handleAssetTransferred(event: AssetTransferred): void {
  countEvent(CONTRACT, event)
  const recipient = account(event.params.recipient, event)
  recipient.heldCount += 1
  recipient.save()
  const transfer = new AssetTransfer(eventId(event))
  transfer.asset = event.params.assetId
  transfer.sender = event.params.sender
  transfer.recipient = recipient.id
  addEvidence(transfer, event)
  transfer.save()
  if (event.params.sender.equals(Address.zero())) return
  const sender = account(event.params.sender, event)
  sender.heldCount -= 1
  sender.save()
  const moved = asset(event.params.assetId)
  moved.holder = recipient.id
  moved.transferCount += 1
  moved.save()
  endListings(moved)
}

export function handleStorageAnchored(event: StorageAnchored): void {
  countEvent(CONTRACT, event)
  const anchor = new StorageAnchor(eventId(event))
  anchor.asset = event.params.assetId
  anchor.version = event.params.version
  anchor.contentHash = event.params.contentHash
  anchor.uri = event.params.uri
  anchor.byteLength = event.params.byteLength
  addEvidence(anchor, event)
  anchor.save()
}

export function handleAccessGranted(event: AccessGranted): void {
  countEvent(CONTRACT, event)
  const grant = new AccessGrant(
    grantKey(event.params.assetId, event.params.account, event.params.scope),
  )
  grant.asset = event.params.assetId
  grant.account = account(event.params.account, event).id
  grant.scope = word(ACCESS_SCOPES, event.params.scope)
  grant.expiresAtSeconds = event.params.expiresAtSeconds
  grant.isRevoked = false
  grant.grantedBlock = event.block.number
  grant.revokedBlock = null
  grant.save()
}

export function handleAccessRevoked(event: AccessRevoked): void {
  countEvent(CONTRACT, event)
  const key = grantKey(event.params.assetId, event.params.account, event.params.scope)
  const grant = AccessGrant.load(key)
  assert(grant != null, 'expected an access grant, found none at ' + key.toHexString())
  grant!.isRevoked = true
  grant!.revokedBlock = event.block.number
  grant!.save()
}

export function handleDisputeRaised(event: DisputeRaised): void {
  countEvent(CONTRACT, event)
  const dispute = new Dispute(event.params.disputeId.toString())
  dispute.asset = event.params.assetId
  dispute.raisedBy = account(event.params.raisedBy, event).id
  dispute.evidenceHash = event.params.evidenceHash
  dispute.reason = event.params.reason
  dispute.status = 'OPEN'
  dispute.raisedBlock = event.block.number
  dispute.save()
  countDispute(event.params.assetId, 1)
}

export function handleDisputeResolved(event: DisputeResolved): void {
  countEvent(CONTRACT, event)
  const dispute = Dispute.load(event.params.disputeId.toString())!
  dispute.status = event.params.upheld ? 'UPHELD' : 'DISMISSED'
  dispute.resolvedBy = account(event.params.resolvedBy, event).id
  dispute.rulingHash = event.params.rulingHash
  dispute.resolvedBlock = event.block.number
  dispute.save()
  if (!event.params.upheld) countDispute(dispute.asset, -1)
}

function openVault(assetId: Bytes): void {
  const opened = new Vault(assetId)
  opened.asset = assetId
  opened.receivedTotal = BigInt.zero()
  opened.royaltyInTotal = BigInt.zero()
  opened.royaltyOutTotal = BigInt.zero()
  opened.claimedTotal = BigInt.zero()
  opened.held = BigInt.zero()
  opened.save()
}

/** A listing dies with the first change of hands; a sale has closed its own by now. */
function endListings(moved: Asset): void {
  const listings = moved.listings.load()
  for (let index = 0; index < listings.length; index++) {
    const listing = listings[index]
    if (listing.status != 'OPEN' || listing.isStale) continue
    listing.isStale = true
    listing.save()
  }
}

function countDispute(assetId: Bytes, change: i32): void {
  const disputed = asset(assetId)
  disputed.disputeCount += change
  disputed.isDisputed = disputed.disputeCount > 0
  disputed.save()
}

function edgeKey(childId: Bytes, parentId: Bytes, relation: i32): Bytes {
  return childId.concat(parentId).concatI32(relation)
}

function grantKey(assetId: Bytes, grantee: Bytes, scope: i32): Bytes {
  return assetId.concat(grantee).concatI32(scope)
}
