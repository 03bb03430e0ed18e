import type { Hex } from '@foggara/schema'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

import type { RankResult } from './engine.ts'

/**
 * One hash for a rank, so that whoever computed it anywhere can compare: sha256 of the scores in the
 * order of the nodes, the dust and the iteration count, each as 8 bytes, the lowest first.
 */
export function rankDigest(result: Pick<RankResult, 'scores' | 'dust' | 'iterationCount'>): Hex {
  const { scores, dust, iterationCount } = result
  const hash = sha256.create()
  const bytes = new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength)
  for (let at = 0; at < bytes.length; at += 2 ** 20) hash.update(bytes.subarray(at, at + 2 ** 20))
  const tail = new DataView(new ArrayBuffer(16))
  tail.setBigUint64(0, dust, true)
  tail.setBigUint64(8, BigInt(iterationCount), true)
  hash.update(new Uint8Array(tail.buffer))
  return `0x${bytesToHex(hash.digest())}`
}
