import {
  BlockNotIndexedError,
  type ClickHouseClient,
  currentPin,
  queryRows,
} from '@foggara/database'
import { type Hex, type Pin, hexLiteral, pinnedRelations } from '@foggara/schema'

/** Resolves pins for requests. */
export type Pins = {
  /** The newest cut, at most {@link PIN_HOLD_MS} old. */
  newest(): Promise<Pin>
  /** A cut as of one of its blocks. */
  atNumber(cut: Pin, block: number): Promise<Pin>
  /** A cut as of the block with a hash. */
  atHash(cut: Pin, hash: Hex): Promise<Pin>
}

/** Requests that come within this time share one cut: resolving one takes several statements. */
export const PIN_HOLD_MS = 200

/** Pins of one database, shared by all requests. */
export function createPins(client: ClickHouseClient): Pins {
  let held: Promise<Pin> | undefined
  const forget = (pin: Promise<Pin>): void => {
    if (held === pin) held = undefined
  }
  const pinnedTo = async (cut: Pin, condition: string, what: string): Promise<Pin> => {
    const blocks = pinnedRelations(cut).relation('block')
    const [row] = await queryRows<BlockRow>(
      client,
      `select block, concat('0x', lower(hex(hash))) as hash_text, at_seconds
      from ${blocks} where ${condition} limit 1`,
    )
    if (row === undefined) throw new BlockNotIndexedError(what, cut.block)
    return {
      ...cut,
      block: Number(row.block),
      blockHash: row.hash_text,
      blockSeconds: Number(row.at_seconds),
    }
  }
  return {
    newest() {
      if (held !== undefined) return held
      const pin = currentPin(client)
      held = pin
      pin.then(
        () => setTimeout(() => forget(pin), PIN_HOLD_MS).unref(),
        () => forget(pin),
      )
      return pin
    },
    async atNumber(cut, block) {
      if (block === cut.block) return cut
      const isNumber = Number.isSafeInteger(block) && block >= 0
      return pinnedTo(cut, isNumber ? `block = ${block}` : 'false', `block ${block}`)
    },
    async atHash(cut, hash) {
      if (hash === cut.blockHash) return cut
      return pinnedTo(cut, `hash = ${hexLiteral(hash)}`, `block ${hash}`)
    },
  }
}

type BlockRow = { readonly block: string; readonly hash_text: Hex; readonly at_seconds: string }
