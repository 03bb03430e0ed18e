import type { EventSource, Hex } from '@foggara/schema'
import { decodeAbiParameters, decodeEventLog } from 'viem'

import type { SimulatedBlock } from '../../../simulation/simulated-chain.ts'
import { PIL_TERMS } from './story-logs.ts'

/** A row of a relation as text; columns that are not named are empty. */
export type FoldedRow = Readonly<Record<string, unknown>>

// The arguments of any event.
// oxlint-disable-next-line typescript/no-explicit-any
type Arguments = any

/** One decoded log. */
type Fact = {
  readonly name: string
  readonly args: Arguments
  readonly transaction: string
  readonly order: number
  readonly evidence: FoldedRow
}

/** What the domain relations are, told once more, plainly and slowly, from the logs of the blocks. */
export function foldStory(
  sources: readonly EventSource[],
  blocks: readonly SimulatedBlock[],
): Readonly<Record<string, readonly FoldedRow[]>> {
  const facts = decode(sources, blocks)
  const of = (name: string) => facts.filter((fact) => fact.name === name)
  const disputes = foldDisputes(of)
  const members = foldMembers(of)
  const payments = foldPayments(of)
  return {
    dispute: disputes,
    asset: foldAssets(of, disputes),
    story_group_member: members,
    edge: [...foldDerivatives(of), ...members.map(memberEdge)],
    licence_terms: foldTerms(of),
    licence: foldLicences(of),
    story_payment: payments.map(({ whole }) => whole),
    payment: payments.filter(({ pool }) => !pool).map(({ row }) => row),
    royalty: [
      ...of('RevenueTransferredToVault').map(({ args, evidence }) => ({
        childId: id(args.ipId),
        parentId: id(args.ancestorIpId),
        amount: String(args.amount),
        ...evidence,
      })),
      ...payments.filter(({ pool }) => pool).map(({ passedOn }) => passedOn),
    ],
  }
}

type Facts = (name: string) => readonly Fact[]

function decode(
  sources: readonly EventSource[],
  blocks: readonly SimulatedBlock[],
): readonly Fact[] {
  const logs = blocks.flatMap(({ header, receipts }) =>
    receipts.flatMap(({ logs: own }) => own.map((log) => ({ log, header }))),
  )
  return logs.flatMap(({ log, header }, order): readonly Fact[] => {
    const source = sources.find(({ addresses }) => addresses.includes(log.address))
    if (source === undefined) return []
    const topics = log.topics as [Hex, ...Hex[]]
    const { eventName, args } = decodeEventLog({ abi: source.events, data: log.data, topics })
    const transaction = String(log['transactionHash'])
    const evidence = {
      block: String(Number(log.blockNumber)),
      logIndex: Number(log['logIndex']),
      transactionHash: transaction,
      atSeconds: String(Number(header['timestamp'])),
    }
    return [{ name: eventName, args, transaction, order, evidence }]
  })
}

function foldDisputes(of: Facts): readonly FoldedRow[] {
  const raised = [...of('DisputeRaised'), ...of('IpTaggedOnRelatedIpInfringement')]
  const ends = [
    ...of('DisputeJudgementSet'),
    ...of('DisputeCancelled'),
    ...of('DisputeResolved'),
  ].toSorted((one, other) => one.order - other.order)
  return raised.map(({ name, args, evidence }) => {
    const end = ends.findLast((each) => each.args.disputeId === args.disputeId)
    const word = (): string => {
      if (end === undefined) return name === 'DisputeRaised' ? 'OPEN' : 'UPHELD'
      if (end.name === 'DisputeResolved') return 'RESOLVED'
      return end.args.decision === true ? 'UPHELD' : 'DISMISSED'
    }
    return {
      disputeId: String(args.disputeId),
      assetId: id(args.targetIpId ?? args.ipIdToTag),
      ...(name === 'DisputeRaised'
        ? { raisedBy: lower(args.disputeInitiator), evidenceHash: args.disputeEvidenceHash }
        : {}),
      reason: Buffer.from((args.targetTag ?? args.tag).slice(2), 'hex')
        .toString('latin1')
        .replaceAll('\0', ''),
      status: word(),
      resolvedBlock: end === undefined ? null : end.evidence['block'],
      ...evidence,
    }
  })
}

function foldAssets(of: Facts, disputes: readonly FoldedRow[]): readonly FoldedRow[] {
  return of('IPRegistered').map(({ args, evidence }) => {
    const versions = of('MetadataURISet').filter((each) => each.args.ipId === args.ipId)
    const newest = versions.at(-1)?.args
    const assetId = id(args.ipId)
    return {
      assetId,
      name: args.name,
      metadataUri: newest?.metadataURI ?? args.uri,
      ...(newest === undefined ? {} : { metadataHash: newest.metadataHash }),
      versionCount: String(versions.length),
      isDisputed: disputes.some(
        (each) =>
          each['assetId'] === assetId && ['OPEN', 'UPHELD'].includes(String(each['status'])),
      ),
      ...evidence,
    }
  })
}

function foldMembers(of: Facts): readonly FoldedRow[] {
  return of('AddedIpToGroup').flatMap(({ args, evidence, order }) =>
    [...new Set<string>(args.ipIds)].map((member) => {
      const removed = of('RemovedIpFromGroup').find(
        (each) =>
          each.order > order &&
          each.args.groupId === args.groupId &&
          each.args.ipIds.includes(member),
      )
      return {
        groupId: id(args.groupId),
        memberId: id(member),
        fromBlock: evidence['block'],
        toBlock: removed?.evidence['block'] ?? null,
        ...evidence,
      }
    }),
  )
}

function memberEdge({ groupId, memberId, ...rest }: FoldedRow): FoldedRow {
  return { childId: groupId, parentId: memberId, relation: 'COMPOSED_OF', ...rest }
}

function foldDerivatives(of: Facts): readonly FoldedRow[] {
  return of('DerivativeRegistered').flatMap(({ args, evidence, transaction }) => {
    const linked = of('LinkedToParents').find(
      (each) => each.transaction === transaction && each.args.ipId === args.childIpId,
    )?.args
    return [...new Set<string>(args.parentIpIds)].map((parent) => {
      let share = 0
      for (const [place, each] of (linked?.parentIpIds ?? []).entries()) {
        if (each === parent) share += linked.licensesPercent[place]
      }
      return {
        childId: id(args.childIpId),
        parentId: id(parent),
        shareE8: share,
        licenceId: String(args.licenseTokenIds[args.parentIpIds.indexOf(parent)] ?? 0n),
        fromBlock: evidence['block'],
        ...evidence,
      }
    })
  })
}

function foldTerms(of: Facts): readonly FoldedRow[] {
  return of('LicenseTermsAttached').map(({ args, evidence }) => {
    const isSame = (each: Fact) => each.args.licenseTermsId === args.licenseTermsId
    const isOffer = (each: Fact) =>
      isSame(each) && (each.args.ipId ?? each.args.licensorIpId) === args.ipId
    const registered = of('LicenseTermsRegistered').find(isSame)?.args.licenseTerms
    const terms: Arguments =
      registered === undefined ? {} : decodeAbiParameters([PIL_TERMS], registered)[0]
    const last = of('LicensingConfigSetForLicense').findLast(isOffer)?.args.licensingConfig
    const config = last?.isSet === true ? last : undefined
    const minted = of('LicenseTokensMinted').filter(isOffer)
    return {
      termsId: termsId(args.ipId, args.licenseTermsId),
      assetId: id(args.ipId),
      licensor: lower(args.caller),
      price: String(config?.mintingFee ?? terms.defaultMintingFee ?? 0n),
      royaltyShareE8: config?.commercialRevShare || (terms.commercialRevShare ?? 0),
      commercialUse: terms.commercialUse ?? false,
      derivativesAllowed: terms.derivativesAllowed ?? false,
      durationSeconds: String(terms.expiration ?? 0n),
      uri: terms.uri ?? '',
      isWithdrawn: config?.disabled ?? false,
      licenceCount: String(minted.reduce((sum, each) => sum + each.args.amount, 0n)),
      ...evidence,
    }
  })
}

function foldLicences(of: Facts): readonly FoldedRow[] {
  return of('LicenseTokensMinted').flatMap(({ args, evidence, transaction }) => {
    const fees = of('LicenseMintingFeePaid').filter(
      (each) => each.transaction === transaction && each.args.receiverIpId === args.licensorIpId,
    )
    return Array.from({ length: Number(args.amount) }, (_, index) => {
      const token = args.startLicenseTokenId + BigInt(index)
      const moved = of('Transfer').findLast((each) => each.args.tokenId === token)
      const holder = lower(moved?.args.to ?? args.receiver)
      return {
        licenceId: String(token),
        termsId: termsId(args.licensorIpId, args.licenseTermsId),
        assetId: id(args.licensorIpId),
        licensee: lower(args.receiver),
        holder,
        price: String(fees.length === 1 ? fees[0]?.args.amount / args.amount : 0n),
        status: BigInt(holder) === 0n ? 'USED' : 'ACTIVE',
        ...evidence,
      }
    })
  })
}

function foldPayments(of: Facts) {
  const pools = new Set([
    ...of('IPGroupRegistered').map(({ args }) => args.groupPool),
    ...of('CollectedRoyaltiesToGroupPool').map(({ args }) => args.pool),
  ])
  const paid = [...of('RoyaltyPaid'), ...of('LicenseMintingFeePaid')]
  return paid.map(({ name, args, evidence }) => {
    const kind = (): string => {
      if (name === 'LicenseMintingFeePaid') return 'LICENCE'
      return BigInt(args.payerIpId) === 0n ? 'TIP' : 'USAGE'
    }
    const row: FoldedRow = {
      assetId: id(args.receiverIpId),
      payer: lower(args.sender ?? args.payerAddress),
      kind: kind(),
      amount: String(args.amount),
      fee: String(args.amount - args.amountAfterFee),
      subject: id(args.token),
      ...evidence,
    }
    const childId = id(args.payerIpId ?? '0x')
    const passedOn: FoldedRow = {
      childId,
      parentId: row['assetId'],
      amount: row['amount'],
      ...evidence,
    }
    const { subject: _, ...paidRow } = row
    const pool = pools.has(args.sender)
    const token = lower(args.token)
    const whole: FoldedRow = { ...paidRow, payerId: childId, token, isRedistribution: pool }
    return { row, whole, passedOn, pool }
  })
}

function lower(text: string): string {
  return text.toLowerCase()
}

function id(address: string): string {
  return `0x${lower(address).slice(2).padStart(64, '0')}`
}

function termsId(ip: string, terms: bigint): string {
  return String((BigInt(ip) << 96n) | terms)
}
