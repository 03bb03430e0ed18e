import type { Filter, Link } from './entity.ts'

/** The order that every type with evidence has. */
export const BY_BLOCK = { BLOCK: ['block', 'log_index'] } as const

/** The filter of every type that names an asset. */
export const OF_ASSET = {
  assets: { column: 'asset_id', operator: 'in' },
} as const satisfies Readonly<Record<string, Filter>>

/** The link of every type that names an asset. */
export const TO_ASSET: Readonly<Record<string, Link>> = {
  asset: { to: 'Asset', by: 'asset_id', description: 'The asset; null when it is not registered.' },
}

/** The links of an edge between two assets. */
export const TO_BOTH_ASSETS: Readonly<Record<string, Link>> = {
  child: { to: 'Asset', by: 'child_id', description: 'The asset that was made from the other.' },
  parent: { to: 'Asset', by: 'parent_id', description: 'The asset that the other was made from.' },
}
