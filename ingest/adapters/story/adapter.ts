import type { Adapter } from '../adapter.ts'
import { STORY_ASSET_VIEWS, STORY_GROUP_MEMBER_VIEW } from './asset-views.ts'
import { STORY_LICENCE_VIEWS } from './licence-views.ts'
import { STORY_PAYMENT_VIEW, STORY_PAYMENT_VIEWS } from './payment-views.ts'

/** The same addresses on Story's mainnet and on its test network. */
const ADDRESSES = {
  IPAssetRegistry: '0x77319b4031e6ef1250907aa00018b8b1c67a244b',
  CoreMetadataModule: '0x6e81a25c99c6e8430aec7353325eb138afe5dc16',
  LicensingModule: '0x04fbd8a2e56dd85cfd5500a4a4dfa955b9f1de6f',
  LicenseRegistry: '0x529a750e02d8e2f15649c13d69a465286a780e24',
  LicenseToken: '0xfe3838bfb30b34170f00030b52ea4893d8aac6bc',
  PILicenseTemplate: '0x2e896b0b2fdb7457499b56aaaa4ae55bcb4cd316',
  RoyaltyModule: '0xd2f60c40febccf6311f8b47c4f2ec6b040400086',
  RoyaltyPolicyLAP: '0xbe54fb168b3c982b7aae60db6cf75bd8447b390e',
  RoyaltyPolicyLRP: '0x9156e603c949481883b1d3355c6f1132d191fc41',
  DisputeModule: '0x9b7a9c70aff961c799110954fc06f3093aeb94c5',
  GroupingModule: '0x69d3a7aa9edb72bc226e745a7ccdd50d947b69ac',
}

/**
 * Story Protocol: IP assets, licences, derivatives, royalties, disputes and groups.
 *
 * What to know of its events:
 * - An IP asset is an address; as a domain id it has twelve zeros before it. `IPRegistered` does not index it.
 * - `DerivativeRegistered` names parents and no percentages. Those are in `LinkedToParents` of the same
 *   transaction and child, and only where a royalty policy is at work; a percentage is of 100,000,000.
 * - Terms are registered once and attached to many assets: `terms_id` is the asset's address times 2^96
 *   plus Story's number. A licensing configuration, set later, overrides fee and share of one asset.
 * - A `RoyaltyPaid` whose sender is a group's reward pool passes on what the group already took in: it is a
 *   royalty of the group, no payment. `ClaimedReward` tells the same once more and is not counted.
 * - Royalties accrue silently and are logged when somebody pulls them (`RevenueTransferredToVault`).
 * - `RoyaltyPaid` without a payer's asset comes from outside the graph and is a tip. Payments come in several
 *   tokens: `subject` is the token's address, and sums over different tokens mean nothing.
 * - Who owns an asset is told by the ERC-721 contract that it stands for, which may be on another
 *   chain: `creator` and `holder` are empty. The kind of an asset and the relation of an edge are not said.
 * - The state of a parent's tag spreads to derivatives only when somebody says so (`IpTaggedOn…`).
 */
export const adapter: Adapter = {
  name: 'story',
  chains: {
    1514: { startBlock: 1, addresses: ADDRESSES },
    1315: { startBlock: 1, addresses: ADDRESSES },
  },
  sources: {
    registry: {
      contracts: ['IPAssetRegistry'],
      events: [
        'event IPRegistered(address ipId, uint256 indexed chainId, address indexed tokenContract, uint256 indexed tokenId, string name, string uri, uint256 registrationDate)',
      ],
    },
    metadata: {
      contracts: ['CoreMetadataModule'],
      events: [
        'event MetadataURISet(address indexed ipId, string metadataURI, bytes32 metadataHash)',
      ],
    },
    licensing: {
      contracts: ['LicensingModule'],
      events: [
        'event LicenseTermsAttached(address indexed caller, address indexed ipId, address licenseTemplate, uint256 licenseTermsId)',
        'event LicenseTokensMinted(address indexed caller, address indexed licensorIpId, address licenseTemplate, uint256 indexed licenseTermsId, uint256 amount, address receiver, uint256 startLicenseTokenId)',
        'event DerivativeRegistered(address indexed caller, address indexed childIpId, uint256[] licenseTokenIds, address[] parentIpIds, uint256[] licenseTermsIds, address licenseTemplate)',
      ],
    },
    terms: {
      contracts: ['PILicenseTemplate'],
      events: [
        'event LicenseTermsRegistered(uint256 indexed licenseTermsId, address indexed licenseTemplate, bytes licenseTerms)',
      ],
    },
    config: {
      contracts: ['LicenseRegistry'],
      events: [
        'event LicensingConfigSetForLicense(address indexed ipId, address indexed licenseTemplate, uint256 indexed licenseTermsId, (bool isSet, uint256 mintingFee, address licensingHook, bytes hookData, uint32 commercialRevShare, bool disabled, uint32 expectMinimumGroupRewardShare, address expectGroupRewardPool) licensingConfig)',
        'event ExpirationTimeSet(address indexed ipId, uint256 expireTime)',
      ],
    },
    token: {
      contracts: ['LicenseToken'],
      events: ['event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)'],
    },
    royalty: {
      contracts: ['RoyaltyModule'],
      events: [
        'event RoyaltyPaid(address receiverIpId, address payerIpId, address sender, address token, uint256 amount, uint256 amountAfterFee)',
        'event LicenseMintingFeePaid(address receiverIpId, address payerAddress, address token, uint256 amount, uint256 amountAfterFee)',
        'event LinkedToParents(address ipId, address[] parentIpIds, address[] licenseRoyaltyPolicies, uint32[] licensesPercent, bytes externalData)',
        'event IpRoyaltyVaultDeployed(address ipId, address ipRoyaltyVault)',
      ],
    },
    policy: {
      contracts: ['RoyaltyPolicyLAP', 'RoyaltyPolicyLRP'],
      events: [
        'event RevenueTransferredToVault(address ipId, address ancestorIpId, address token, uint256 amount)',
      ],
    },
    dispute: {
      contracts: ['DisputeModule'],
      events: [
        'event DisputeRaised(uint256 disputeId, address targetIpId, address caller, address disputeInitiator, uint256 disputeTimestamp, address arbitrationPolicy, bytes32 disputeEvidenceHash, bytes32 targetTag, bytes data)',
        'event DisputeJudgementSet(uint256 disputeId, bool decision, bytes data)',
        'event DisputeCancelled(uint256 disputeId, bytes data)',
        'event DisputeResolved(uint256 disputeId, bytes data)',
        'event IpTaggedOnRelatedIpInfringement(uint256 disputeId, address infringingIpId, address ipIdToTag, uint256 infringerDisputeId, bytes32 tag, uint256 disputeTimestamp)',
      ],
    },
    group: {
      contracts: ['GroupingModule'],
      events: [
        'event IPGroupRegistered(address indexed groupId, address indexed groupPool)',
        'event AddedIpToGroup(address indexed groupId, address[] ipIds)',
        'event RemovedIpFromGroup(address indexed groupId, address[] ipIds)',
        'event ClaimedReward(address indexed groupId, address indexed token, address[] ipId, uint256[] amount)',
        'event CollectedRoyaltiesToGroupPool(address indexed groupId, address indexed token, address indexed pool, uint256 amount)',
      ],
    },
  },
  ownViews: [STORY_GROUP_MEMBER_VIEW, STORY_PAYMENT_VIEW],
  views: { ...STORY_ASSET_VIEWS, ...STORY_LICENCE_VIEWS, ...STORY_PAYMENT_VIEWS },
}
