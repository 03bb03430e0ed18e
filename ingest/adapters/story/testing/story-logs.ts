import { type EventSource, type Hex, invariant } from '@foggara/schema'
import { encodeAbiParameters } from 'viem'

import type { Random } from '../../../simulation/random.ts'
import { type LogContent, encodeEvent } from '../../../simulation/simulated-chain.ts'

/** The struct that `LicenseTermsRegistered` encodes. */
export const PIL_TERMS = {
  type: 'tuple',
  components: [
    ['bool', 'transferable'],
    ['address', 'royaltyPolicy'],
    ['uint256', 'defaultMintingFee'],
    ['uint256', 'expiration'],
    ['bool', 'commercialUse'],
    ['bool', 'commercialAttribution'],
    ['address', 'commercializerChecker'],
    ['bytes', 'commercializerCheckerData'],
    ['uint32', 'commercialRevShare'],
    ['uint256', 'commercialRevCeiling'],
    ['bool', 'derivativesAllowed'],
    ['bool', 'derivativesAttribution'],
    ['bool', 'derivativesApproval'],
    ['bool', 'derivativesReciprocal'],
    ['uint256', 'derivativeRevCeiling'],
    ['address', 'currency'],
    ['string', 'uri'],
  ].map(([type = '', name = '']) => ({ type, name })),
} as const

const ZERO: Hex = `0x${'00'.repeat(20)}`
const WRAPPED: Hex = '0x1514000000000000000000000000000000000000'
const TAGS = ['IMPROPER_REGISTRATION', 'IMPROPER_USAGE', 'CONTENT_STANDARDS_VIOLATION']

type Emit = (source: string, event: string, args: Readonly<Record<string, unknown>>) => LogContent

/**
 * A life on Story, by seed: transactions as the modules really emit them, several events each. What a
 * reorganisation undoes stays in its memory, so that later events may name what is no more.
 */
export function createStoryLife(
  sources: readonly EventSource[],
): (block: number, random: Random) => readonly (readonly LogContent[])[] {
  const emit: Emit = (source, name, args) => {
    const found = sources.find((each) => each.name === `story_${source}`)
    const event = found?.events.find((each) => each.name === name)
    invariant(found !== undefined && event !== undefined, `story emits ${name}`)
    return { address: found.addresses[0] as Hex, ...encodeEvent({ event }, args) }
  }
  const life = new Life(emit)
  return (block, random) =>
    block === 0 ? [] : Array.from({ length: random.below(4) }, () => life.act(random))
}

class Life {
  readonly #emit: Emit
  readonly #assets: Hex[] = []
  readonly #groups: { readonly id: Hex; readonly pool: Hex }[] = []
  readonly #offers: { readonly ip: Hex; readonly terms: bigint }[] = []
  readonly #tokens: { readonly id: bigint; readonly holder: Hex }[] = []
  #termsCount = 0n
  #tokenCount = 0n
  #disputeCount = 0n

  constructor(emit: Emit) {
    this.#emit = emit
  }

  act(random: Random): readonly LogContent[] {
    if (this.#assets.length < 3) return this.#register(random)
    if (this.#offers.length < 2) return this.#offer(random)
    const acts = [
      () => this.#register(random),
      () => this.#offer(random),
      () => this.#configure(random),
      () => this.#mint(random),
      () => this.#derive(random),
      () => [...this.#derive(random), ...this.#derive(random)],
      () => this.#pay(random),
      () => this.#group(random),
      () => this.#dispute(random),
    ]
    return random.pick(acts)()
  }

  #register(random: Random): readonly LogContent[] {
    const ipId = random.bytes(20)
    this.#assets.push(ipId)
    const tokenId = BigInt(random.below(1_000))
    const place = { chainId: 1514n, tokenContract: random.bytes(20), tokenId }
    const name = random.pick(['', `1514: Cats #${tokenId}`, 'ფოგარა "quoted" \\'])
    const registered = { ipId, ...place, name, uri: `ipfs://${tokenId}`, registrationDate: 1n }
    const logs = [this.#emit('registry', 'IPRegistered', registered)]
    if (random.oneIn(2)) return logs
    const metadata = { ipId, metadataURI: 'ipfs://meta', metadataHash: random.bytes(32) }
    return [...logs, this.#emit('metadata', 'MetadataURISet', metadata)]
  }

  #offer(random: Random): readonly LogContent[] {
    const ipId = random.pick(this.#assets)
    const logs: LogContent[] = []
    if (this.#termsCount === 0n || random.oneIn(2)) {
      this.#termsCount += 1n
      logs.push(
        this.#emit('terms', 'LicenseTermsRegistered', {
          licenseTermsId: this.#termsCount,
          licenseTemplate: WRAPPED,
          licenseTerms: encodeAbiParameters([PIL_TERMS], [terms(random)]),
        }),
      )
    }
    const number = 1n + BigInt(random.below(Number(this.#termsCount)))
    if (this.#offers.some(({ ip, terms: known }) => ip === ipId && known === number)) return logs
    this.#offers.push({ ip: ipId, terms: number })
    const attached = { caller: random.bytes(20), ipId, licenseTermsId: number }
    const licenseTemplate = WRAPPED
    logs.push(this.#emit('licensing', 'LicenseTermsAttached', { ...attached, licenseTemplate }))
    return logs
  }

  #configure(random: Random): readonly LogContent[] {
    const { ip, terms: licenseTermsId } = random.pick(this.#offers)
    const licensingConfig = {
      isSet: !random.oneIn(4),
      mintingFee: BigInt(random.below(1_000)),
      licensingHook: ZERO,
      hookData: random.bytes(random.below(40)),
      commercialRevShare: random.oneIn(2) ? 0 : random.below(20_000_000),
      disabled: random.oneIn(4),
      expectMinimumGroupRewardShare: 0,
      expectGroupRewardPool: ZERO,
    }
    const args = { ipId: ip, licenseTemplate: WRAPPED, licenseTermsId, licensingConfig }
    return [this.#emit('config', 'LicensingConfigSetForLicense', args)]
  }

  #mint(random: Random): readonly LogContent[] {
    const { ip, terms: licenseTermsId } = random.pick(this.#offers)
    const receiver = random.bytes(20)
    const amount = 1n + BigInt(random.below(3))
    const startLicenseTokenId = this.#tokenCount
    this.#tokenCount += amount
    const logs: LogContent[] = []
    for (let token = startLicenseTokenId; token < this.#tokenCount; token += 1n) {
      this.#tokens.push({ id: token, holder: receiver })
      const transfer = { from: ZERO, to: receiver, tokenId: token }
      logs.push(this.#emit('token', 'Transfer', transfer))
    }
    if (random.oneIn(2)) {
      const paid = { receiverIpId: ip, payerAddress: receiver, token: WRAPPED }
      const amounts = { amount: amount * 10n, amountAfterFee: amount * 9n }
      logs.push(this.#emit('royalty', 'LicenseMintingFeePaid', { ...paid, ...amounts }))
    }
    const minted = { caller: receiver, licensorIpId: ip, licenseTemplate: WRAPPED, licenseTermsId }
    const tokens = { amount, receiver, startLicenseTokenId }
    return [...logs, this.#emit('licensing', 'LicenseTokensMinted', { ...minted, ...tokens })]
  }

  /** With tokens, which are burned, or with terms; with percentages, or without any royalty. */
  #derive(random: Random): readonly LogContent[] {
    const [registered] = this.#register(random)
    invariant(registered !== undefined, 'an asset is registered')
    const childIpId = this.#assets.at(-1)
    const parents = Array.from({ length: 1 + random.below(3) }, () => random.pick(this.#assets))
    const parentIpIds = parents.filter((parent) => parent !== childIpId)
    const used = random.oneIn(2) ? this.#tokens.splice(0, parentIpIds.length) : []
    const licenseTokenIds = used.length === parentIpIds.length ? used.map(({ id }) => id) : []
    const logs = used.map(({ id, holder }) =>
      this.#emit('token', 'Transfer', { from: holder, to: ZERO, tokenId: id }),
    )
    const link = {
      caller: random.bytes(20),
      childIpId,
      licenseTokenIds,
      parentIpIds,
      licenseTermsIds: parentIpIds.map(() => 1n),
      licenseTemplate: WRAPPED,
    }
    const derived = this.#emit('licensing', 'DerivativeRegistered', link)
    const licensesPercent = parentIpIds.map(() => random.below(30_000_000))
    const linked = this.#emit('royalty', 'LinkedToParents', {
      ipId: childIpId,
      parentIpIds,
      licenseRoyaltyPolicies: parentIpIds.map(() => WRAPPED),
      licensesPercent,
      externalData: '0x',
    })
    return [registered, ...logs, ...(random.oneIn(4) ? [] : [linked]), derived]
  }

  #pay(random: Random): readonly LogContent[] {
    const receiverIpId = random.pick(this.#assets)
    const payerIpId = random.oneIn(2) ? ZERO : random.pick(this.#assets)
    const amount = BigInt(random.bytes(8))
    const amounts = { token: WRAPPED, amount, amountAfterFee: amount - amount / 10n }
    const paid = { receiverIpId, payerIpId, sender: random.bytes(20), ...amounts }
    const logs = [this.#emit('royalty', 'RoyaltyPaid', paid)]
    if (random.oneIn(2)) return logs
    const pulled = { ipId: receiverIpId, ancestorIpId: random.pick(this.#assets), token: WRAPPED }
    return [...logs, this.#emit('policy', 'RevenueTransferredToVault', { ...pulled, amount })]
  }

  #group(random: Random): readonly LogContent[] {
    const group =
      random.oneIn(3) || this.#groups.length === 0 ? undefined : random.pick(this.#groups)
    if (group === undefined) {
      const registered = this.#register(random)
      const created = { id: this.#assets.at(-1) ?? ZERO, pool: random.bytes(20) }
      this.#groups.push(created)
      const args = { groupId: created.id, groupPool: created.pool }
      return [...registered, this.#emit('group', 'IPGroupRegistered', args)]
    }
    const { id: groupId, pool } = group
    const ipIds = [random.pick(this.#assets), random.pick(this.#assets)]
    if (random.oneIn(3)) return [this.#emit('group', 'RemovedIpFromGroup', { groupId, ipIds })]
    if (random.oneIn(2)) return [this.#emit('group', 'AddedIpToGroup', { groupId, ipIds })]
    const amount = BigInt(1 + random.below(1_000_000))
    const token = WRAPPED
    return [
      this.#emit('group', 'CollectedRoyaltiesToGroupPool', { groupId, token, pool, amount }),
      ...ipIds.map((receiverIpId) => {
        const amounts = { token, amount: amount / 2n, amountAfterFee: amount / 2n }
        const paid = { receiverIpId, payerIpId: groupId, sender: pool, ...amounts }
        return this.#emit('royalty', 'RoyaltyPaid', paid)
      }),
      this.#emit('group', 'ClaimedReward', { groupId, token, ipId: ipIds, amount: [amount, 0n] }),
    ]
  }

  #dispute(random: Random): readonly LogContent[] {
    if (this.#disputeCount === 0n || random.oneIn(3)) {
      this.#disputeCount += 1n
      const tag = tagBytes(random.pick(TAGS))
      const whose = { targetIpId: random.pick(this.#assets), caller: random.bytes(20) }
      const raised = { disputeId: this.#disputeCount, ...whose, disputeInitiator: random.bytes(20) }
      const why = { disputeEvidenceHash: random.bytes(32), targetTag: tag, data: '0x' }
      const policy = { disputeTimestamp: 1n, arbitrationPolicy: WRAPPED }
      return [this.#emit('dispute', 'DisputeRaised', { ...raised, ...policy, ...why })]
    }
    const disputeId = 1n + BigInt(random.below(Number(this.#disputeCount)))
    const data = '0x'
    const ends = [
      () => this.#emit('dispute', 'DisputeJudgementSet', { disputeId, decision: true, data }),
      () => this.#emit('dispute', 'DisputeJudgementSet', { disputeId, decision: false, data }),
      () => this.#emit('dispute', 'DisputeCancelled', { disputeId, data }),
      () => this.#emit('dispute', 'DisputeResolved', { disputeId, data }),
      () => this.#tag(random, disputeId),
    ]
    return [random.pick(ends)()]
  }

  #tag(random: Random, infringerDisputeId: bigint): LogContent {
    this.#disputeCount += 1n
    const ips = { infringingIpId: random.pick(this.#assets), ipIdToTag: random.pick(this.#assets) }
    const tag = tagBytes(random.pick(TAGS))
    const ids = { disputeId: this.#disputeCount, infringerDisputeId, disputeTimestamp: 1n }
    return this.#emit('dispute', 'IpTaggedOnRelatedIpInfringement', { ...ids, ...ips, tag })
  }
}

function terms(random: Random): Readonly<Record<string, unknown>> {
  const flags = ['transferable', 'commercialUse', 'commercialAttribution', 'derivativesAllowed']
  const others = ['derivativesAttribution', 'derivativesApproval', 'derivativesReciprocal']
  return {
    ...Object.fromEntries([...flags, ...others].map((name) => [name, random.oneIn(2)])),
    royaltyPolicy: WRAPPED,
    defaultMintingFee: BigInt(random.bytes(12)),
    expiration: BigInt(random.below(100)),
    commercializerChecker: ZERO,
    commercializerCheckerData: random.bytes(random.below(70)),
    commercialRevShare: random.below(100_000_000),
    commercialRevCeiling: 0n,
    derivativeRevCeiling: 0n,
    currency: WRAPPED,
    uri: random.pick(['', 'https://example.org/terms/1', 'ფოგარა']),
  }
}

function tagBytes(tag: string): Hex {
  return `0x${Buffer.from(tag, 'ascii').toString('hex').padEnd(64, '0')}`
}
