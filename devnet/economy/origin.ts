import type { AssetKind, Hex, Relation } from '@foggara/schema'

import { derivedName, freeName, rootName } from './names.ts'
import { type Plan, assetsOfKind } from './plan.ts'
import type { Draws } from './random.ts'
import type { WorldAsset } from './world.ts'

/** What a new asset is and what it is made from. */
export type Origin = {
  readonly kind: AssetKind
  readonly owner: Hex
  readonly name: string
  readonly parents: readonly OriginParent[]
}

export type OriginParent = {
  readonly asset: WorldAsset
  readonly relation: Relation
  readonly shareE8: number
  readonly licenceId: bigint
}

/** An asset that descends from nothing (models may be evaluated on something all the same). */
export function rootOrigin(plan: Plan, draws: Draws): Origin {
  const weights = { MODEL: 30, DATASET: 40, AGENT: 6, TOOL: 16, COMPUTE: 8 }
  const kinds: readonly AssetKind[] = ['MODEL', 'DATASET', 'AGENT', 'TOOL', 'COMPUTE']
  const kind = draws.weighted(kinds, (candidate) => weights[candidate]) ?? 'MODEL'
  const name = freeName(rootName(kind, draws), plan.world.assetNames)
  return { kind, owner: makerOf(plan, kind, draws), name, parents: evaluations(plan, kind, draws) }
}

/** An asset made from one that its maker has a licence on, or owns; nothing when there is none. */
export function derivedOrigin(plan: Plan, draws: Draws): Origin | undefined {
  const found = draws.chance(3, 4) ? licensedSource(plan, draws) : ownSource(plan, draws)
  if (found === undefined) return undefined
  const { owner, source } = found
  const [kind, relation] = derivation(source.asset.kind, draws)
  const more = additions(plan, draws, owner, kind, { relation, source })
  const merged = more.some((parent) => parent.relation === 'MERGED_FROM')
  const first = relation === 'MERGED_FROM' && !merged ? 'FINETUNED_FROM' : relation
  const name = freeName(derivedName(kind, source.asset.name, first, draws), plan.world.assetNames)
  return {
    kind,
    owner,
    name,
    parents: [{ ...source, relation: first }, ...more, ...evaluations(plan, kind, draws)],
  }
}

type Source = Omit<OriginParent, 'relation'>

/** Leaves at least 40 % of what an asset receives to its owner. */
const SHARE_TOTAL_MAX_E8 = 60_000_000

function makerOf(plan: Plan, kind: AssetKind, draws: Draws): Hex {
  const { developers, dataProviders, businesses, researchers } = plan.participants
  const providers = plan.participants.computeProviders.map((provider) => provider.address)
  const second = draws.chance(1, 4)
  switch (kind) {
    case 'MODEL':
      return draws.pick(second ? researchers : developers)
    case 'DATASET':
      return draws.pick(second ? researchers : dataProviders)
    case 'AGENT':
    case 'TOOL':
      return draws.pick(second ? businesses : developers)
    case 'COMPUTE':
      return draws.pick(providers)
  }
}

/** What is made from an asset of some kind, and how. */
function derivation(parentKind: AssetKind, draws: Draws): readonly [AssetKind, Relation] {
  const choices = {
    MODEL: [
      ['MODEL', 'FINETUNED_FROM', 34],
      ['MODEL', 'ADAPTER_OF', 17],
      ['MODEL', 'QUANTIZED_FROM', 14],
      ['MODEL', 'MERGED_FROM', 10],
      ['MODEL', 'DISTILLED_FROM', 9],
      ['AGENT', 'COMPOSED_OF', 16],
    ],
    DATASET: [
      ['MODEL', 'TRAINED_ON', 60],
      ['DATASET', 'DATASET_DERIVED_FROM', 40],
    ],
    TOOL: [
      ['AGENT', 'COMPOSED_OF', 70],
      ['TOOL', 'COMPOSED_OF', 30],
    ],
    AGENT: [['AGENT', 'COMPOSED_OF', 1]],
    COMPUTE: [['AGENT', 'COMPOSED_OF', 1]],
  } as const
  const list: readonly (readonly [AssetKind, Relation, number])[] = choices[parentKind]
  const [kind, relation] = draws.weighted(list, (choice) => choice[2]) ?? ['MODEL', 'TRAINED_ON']
  return [kind, relation]
}

/** How a further parent of some kind fits a child, if it does. */
function furtherRelation(
  childKind: AssetKind,
  first: Relation,
  parentKind: AssetKind,
): Relation | undefined {
  if (childKind === 'MODEL' && parentKind === 'DATASET') return 'TRAINED_ON'
  if (first === 'MERGED_FROM' && parentKind === 'MODEL') return 'MERGED_FROM'
  if (childKind === 'DATASET' && parentKind === 'DATASET') return 'DATASET_DERIVED_FROM'
  if (childKind === 'AGENT' && parentKind !== 'DATASET') return 'COMPOSED_OF'
  return undefined
}

/** Licences of participants that allow a derivative now and were not used for one yet. */
function usableSources(plan: Plan): readonly { readonly owner: Hex; readonly source: Source }[] {
  return [...plan.world.licences.values()].flatMap((licence) => {
    const terms = plan.world.terms.get(licence.termsId)
    const asset = plan.world.assets.get(licence.assetId)
    if (terms === undefined || asset === undefined || !terms.derivativesAllowed) return []
    const ended = licence.expiresAtSeconds !== 0 && licence.expiresAtSeconds <= plan.seconds
    if (licence.revoked || ended || licence.useCount > 0 || asset.kind === 'COMPUTE') return []
    if (!plan.participants.all.includes(licence.holder)) return []
    const source = { asset, shareE8: terms.royaltyShareE8, licenceId: licence.id }
    return [{ owner: licence.holder, source }]
  })
}

function licensedSource(plan: Plan, draws: Draws) {
  const found = draws.maybe(usableSources(plan))
  return found !== undefined && plan.reserve(`licence ${found.source.licenceId}`)
    ? found
    : undefined
}

function ownSource(plan: Plan, draws: Draws): { owner: Hex; source: Source } | undefined {
  const asset = draws.maybe(assetsOfKind(plan, 'MODEL', 'DATASET', 'TOOL'))
  if (asset === undefined || !plan.reserve(asset.id)) return undefined
  const shareE8 = draws.between(5, 80) * 100_000
  return { owner: asset.owner, source: { asset, shareE8, licenceId: 0n } }
}

function additions(
  plan: Plan,
  draws: Draws,
  owner: Hex,
  kind: AssetKind,
  { relation, source }: { relation: Relation; source: Source },
): readonly OriginParent[] {
  const wanted = draws.between(0, 3)
  const candidates = usableSources(plan).filter((found) => {
    return found.owner === owner && found.source.asset.id !== source.asset.id
  })
  const parents: OriginParent[] = []
  let shareTotalE8 = source.shareE8
  for (const { source: next } of draws.sample(candidates, wanted)) {
    const fitting = furtherRelation(kind, relation, next.asset.kind)
    const repeated = parents.some((parent) => parent.asset.id === next.asset.id)
    if (fitting === undefined || repeated) continue
    if (shareTotalE8 + next.shareE8 > SHARE_TOTAL_MAX_E8) continue
    if (!plan.reserve(`licence ${next.licenceId}`)) continue
    shareTotalE8 += next.shareE8
    parents.push({ ...next, relation: fitting })
  }
  return parents
}

/** Half of all models are measured on a public benchmark: an edge without a share or a licence. */
function evaluations(plan: Plan, kind: AssetKind, draws: Draws): readonly OriginParent[] {
  if (kind !== 'MODEL' || !draws.chance(1, 2)) return []
  const datasets = assetsOfKind(plan, 'DATASET')
  const benches = datasets.filter((asset) => asset.name.includes('-bench'))
  const asset = draws.maybe(benches.length > 0 ? benches : datasets)
  if (asset === undefined) return []
  return [{ asset, relation: 'EVALUATED_ON', shareE8: 0, licenceId: 0n }]
}
