import { LAP_ANCESTOR_COUNT_MAX, type RoyaltyAsset, type RoyaltyLink } from '@foggara/gpu-analytics'
import { type Hex, SHARE_WHOLE_E8 } from '@foggara/schema'

/**
 * The assets whose absolute links may keep other links out, or be kept out, for want of room: those
 * that have something at or below them which, with all links of all times at once, would owe more than
 * the whole or have more ancestors than are admitted. Paths are counted, which no mode exceeds. All
 * assets where a link does not lead to an earlier registration.
 */
export function crowdedAssets(
  assets: readonly RoyaltyAsset[],
  links: readonly RoyaltyLink[],
): ReadonlySet<Hex> {
  const ordered = assets.toSorted((a, b) => a.registered - b.registered)
  const registered = new Map(ordered.map((asset) => [asset.id, asset.registered]))
  const orderOf = (id: Hex) => registered.get(id) ?? Infinity
  if (links.some(({ childId, parentId }) => !(orderOf(parentId) < orderOf(childId)))) {
    return new Set(registered.keys())
  }
  const parents = Map.groupBy(links, ({ childId }) => childId)
  const stacks = new Map<Hex, bigint>()
  const pathCounts = new Map<Hex, number>()
  const crowded = new Set<Hex>()
  for (const { id } of ordered) {
    let stack = 0n
    let pathCount = 0
    for (const { parentId, shareE8 } of parents.get(id) ?? []) {
      stack += (stacks.get(parentId) ?? 0n) + BigInt(shareE8)
      pathCount += (pathCounts.get(parentId) ?? 0) + 1
    }
    if (stack > SHARE_WHOLE_E8 || pathCount > LAP_ANCESTOR_COUNT_MAX) crowded.add(id)
    // Beyond the bounds only that they are passed counts: numbers stay small.
    stacks.set(id, stack > SHARE_WHOLE_E8 ? SHARE_WHOLE_E8 + 1n : stack)
    pathCounts.set(id, Math.min(pathCount, LAP_ANCESTOR_COUNT_MAX + 1))
  }
  for (const { id } of ordered.toReversed()) {
    if (!crowded.has(id)) continue
    for (const { parentId } of parents.get(id) ?? []) crowded.add(parentId)
  }
  return crowded
}
