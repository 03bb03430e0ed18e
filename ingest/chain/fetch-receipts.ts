import { type Hex, parseHex } from '@foggara/schema'

import { type Header, type Log, decodeLogs, decoding, integerOf, recordOf } from './block.ts'
import { headerHash } from './header-hash.ts'
import { type Receipt, receiptsRoot } from './receipts-root.ts'
import {
  RpcBlockMissingError,
  RpcInconsistentError,
  RpcResponseInvalidError,
} from './rpc-errors.ts'
import type { Rpc } from './rpc.ts'

/** Every log of a block, from its receipts. */
export type BlockReceipts = {
  readonly logs: readonly Log[]
  /**
   * The receipts fold to the root that the header names, and the header has the hash that it says:
   * nothing is missing of the block with this hash. False where a chain's headers have another form.
   */
  readonly isProven: boolean
}

/**
 * Fetches a block's receipts with its header and folds them to the receipts root.
 *
 * @throws {RpcInconsistentError} when the root is another: something is missing or made up.
 */
export async function fetchReceipts(
  rpc: Rpc,
  { block, hash }: Pick<Header, 'block' | 'hash'>,
): Promise<BlockReceipts> {
  const [header, answer] = await rpc.batch([
    { method: 'eth_getBlockByHash', params: [hash, false] },
    { method: 'eth_getBlockReceipts', params: [{ blockHash: hash }] },
  ])
  if (header === null || answer === null) {
    throw new RpcBlockMissingError(rpc.shownUrl, block)
  }
  const fields = decoding(rpc.shownUrl, 'a block', () => recordOf(header))
  const receipts = decodeReceipts(answer, rpc.shownUrl)
  const logs = receipts.flatMap((receipt) => receipt.logs)
  const stray = logs.find((log) => log.blockHash !== hash)
  if (stray !== undefined || fields['hash'] !== hash) {
    throw new RpcInconsistentError(rpc.shownUrl, `receipts of block ${hash}`, 'those of another')
  }
  const root = receiptsRoot(receipts)
  const isRoot = root === fields['receiptsRoot']
  const isAuthentic = headerHash(fields) === hash
  if (!isRoot && isAuthentic) {
    throw new RpcInconsistentError(
      rpc.shownUrl,
      `receipts that fold to ${String(fields['receiptsRoot'])} of block ${block}`,
      root,
    )
  }
  return { logs, isProven: isRoot && isAuthentic }
}

/** A receipt with its logs in full. */
type LoggedReceipt = Receipt & { readonly logs: readonly Log[] }

function decodeReceipts(value: unknown, shownUrl: string): readonly LoggedReceipt[] {
  return decoding(shownUrl, 'a list of receipts', () => {
    if (!Array.isArray(value)) throw new TypeError(typeof value)
    return value.map((item: unknown, index) => {
      const fields = recordOf(item)
      if (integerOf(fields['transactionIndex'], 'transactionIndex') !== index) {
        throw new RpcResponseInvalidError(shownUrl, `receipt ${index}`, 'a gap')
      }
      const { root } = fields
      return {
        type: integerOf(fields['type'] ?? '0x0', 'type'),
        outcome: root === undefined || root === null ? quantityOf(fields['status']) : bytes32(root),
        cumulativeGasUsed: BigInt(quantityOf(fields['cumulativeGasUsed'])),
        logsBloom: parseHex(fields['logsBloom'], 256, 'logsBloom'),
        logs: decodeLogs(fields['logs'], shownUrl),
      }
    })
  })
}

function bytes32(value: unknown): Hex {
  return parseHex(value, 32, 'root')
}

function quantityOf(value: unknown): Hex {
  if (typeof value === 'string' && /^0x[0-9a-f]{1,16}$/iu.test(value)) return value as Hex
  throw new TypeError(`quantity ${String(value).slice(0, 40)}`)
}
