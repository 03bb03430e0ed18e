import {
  ALLOCATION_PART_TABLE,
  ALLOCATION_TABLE,
  EPOCH_POOL_TABLE,
  EPOCH_VIEW,
  type Pin,
  SCORE_TABLE,
} from '@foggara/schema'

import type { Source } from '../../sql/row.ts'

/** Epochs whose last block is not after the pin: a later epoch did not exist at that block. */
export const EPOCH_SOURCE: Source = {
  ...EPOCH_VIEW,
  scope: (pin) => `source.cutoff_block <= ${pin.block}`,
}

export const EPOCH_POOL_SOURCE: Source = {
  name: EPOCH_POOL_TABLE.name,
  columns: EPOCH_POOL_TABLE.columns,
  key: ['epoch', 'pool'],
  scope: inClosedEpoch,
}

export const SCORE_SOURCE: Source = {
  name: SCORE_TABLE.name,
  columns: SCORE_TABLE.columns,
  key: ['epoch', 'measure', 'id'],
  scope: inClosedEpoch,
}

export const ALLOCATION_SOURCE: Source = {
  name: ALLOCATION_TABLE.name,
  columns: ALLOCATION_TABLE.columns,
  key: ['epoch', 'account'],
  scope: inClosedEpoch,
}

export const ALLOCATION_PART_SOURCE: Source = {
  name: ALLOCATION_PART_TABLE.name,
  columns: ALLOCATION_PART_TABLE.columns,
  key: ['epoch', 'account', 'pool', 'source_id', 'withheld_reason'],
  scope: inClosedEpoch,
}

function inClosedEpoch(pin: Pin, relation: (name: string) => string): string {
  const closed = relation('closed_epoch')
  return `source.epoch in (select epoch from ${closed} where cutoff_block <= ${pin.block})`
}
