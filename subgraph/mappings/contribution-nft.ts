import { ContributionRecorded } from '../generated/ContributionNFT/ContributionNFT'
import { Contribution } from '../generated/schema'
import { account, countEvent, fraction } from './protocol'
import { CONTRIBUTION_ROLES, word } from './words'

export function handleContributionRecorded(event: ContributionRecorded): void {
  countEvent('ContributionNFT', event)
  const contribution = new Contribution(event.params.contributionId.toString())
  contribution.asset = event.params.assetId
  contribution.contributor = account(event.params.contributor, event).id
  contribution.role = word(CONTRIBUTION_ROLES, event.params.role)
  contribution.shareE8 = event.params.shareE8
  contribution.share = fraction(event.params.shareE8)
  contribution.evidenceHash = event.params.evidenceHash
  contribution.block = event.block.number
  contribution.atSeconds = event.block.timestamp
  contribution.save()
}
