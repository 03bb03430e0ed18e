import { Address, BigInt } from '@graphprotocol/graph-ts'

import {
  LicenceGranted,
  LicenceRevoked,
  LicenceTermsOffered,
  LicenceTermsWithdrawn,
  LicenceTransferred,
} from '../generated/LicenseNFT/LicenseNFT'
import { Licence, LicenceTerms } from '../generated/schema'
import { account, countEvent, protocol } from './protocol'

const CONTRACT = 'LicenseNFT'

export function handleLicenceTermsOffered(event: LicenceTermsOffered): void {
  countEvent(CONTRACT, event)
  const terms = new LicenceTerms(event.params.termsId.toString())
  terms.asset = event.params.assetId
  terms.licensor = account(event.params.licensor, event).id
  terms.price = event.params.price
  terms.royaltyShareE8 = event.params.royaltyShareE8
  terms.commercialUse = event.params.commercialUse
  terms.derivativesAllowed = event.params.derivativesAllowed
  terms.durationSeconds = event.params.durationSeconds
  terms.uri = event.params.uri
  terms.isWithdrawn = false
  terms.licenceCount = 0
  terms.block = event.block.number
  terms.save()
}

export function handleLicenceTermsWithdrawn(event: LicenceTermsWithdrawn): void {
  countEvent(CONTRACT, event)
  const terms = LicenceTerms.load(event.params.termsId.toString())!
  terms.isWithdrawn = true
  terms.save()
}

export function handleLicenceGranted(event: LicenceGranted): void {
  countEvent(CONTRACT, event)
  const terms = LicenceTerms.load(event.params.termsId.toString())!
  terms.licenceCount += 1
  terms.save()
  const licensee = account(event.params.licensee, event)
  const licence = new Licence(event.params.licenceId.toString())
  licence.terms = terms.id
  licence.asset = event.params.assetId
  licence.licensee = licensee.id
  licence.holder = licensee.id
  licence.price = event.params.price
  licence.expiresAtSeconds = event.params.expiresAtSeconds
  licence.isRevoked = false
  licence.transferCount = 0
  licence.block = event.block.number
  licence.save()
  const sums = protocol()
  sums.licenceCount = sums.licenceCount.plus(BigInt.fromI32(1))
  sums.save()
}

export function handleLicenceTransferred(event: LicenceTransferred): void {
  countEvent(CONTRACT, event)
  if (event.params.sender.equals(Address.zero())) return
  const licence = Licence.load(event.params.licenceId.toString())!
  licence.holder = account(event.params.recipient, event).id
  licence.transferCount += 1
  licence.save()
}

export function handleLicenceRevoked(event: LicenceRevoked): void {
  countEvent(CONTRACT, event)
  const licence = Licence.load(event.params.licenceId.toString())!
  licence.isRevoked = true
  licence.revocationReason = event.params.reason
  licence.save()
}
