import { keccak256 } from 'viem'

import { writeProofEvent } from './event-writer.ts'
import type { ProofEvent } from './proof-event.ts'
import { openProofKernel, type ProofKernel } from './proof-kernel.ts'

/** The running hash of a causality region after a block: 24 bytes of mix, 8 bytes of count. */
export type ProofDigest = Uint8Array

/** A point in a block's events to which a replayed handler goes back. */
export type ProofMark = { readonly eventCount: number; readonly state: Uint8Array }

/** The events of one block, hashed as they come. */
export type BlockProof = {
  write(event: ProofEvent): void
  /** Says that the handlers of the next trigger start. */
  startTrigger(): void
  /** Records that a handler of this trigger failed, and how many events that redacts. */
  writeError(): void
  mark(): ProofMark
  goBack(mark: ProofMark): void
  eventCount(): number
  /** Ends the block: its digest, with that of the last block with events mixed in. */
  end(previous: ProofDigest | undefined): ProofDigest
}

const DIGEST_LENGTH = 32
const CHILD_FACTOR = 486_187_739n
const ROOT = 17n
const MASK_64 = (1n << 64n) - 1n
const MASK_128 = (1n << 128n) - 1n

/** Starts the events of block `blockNumber`; the kernel serves one block at a time. */
export function openBlockProof(kernel: ProofKernel, blockNumber: number): BlockProof {
  const block = BigInt(blockNumber)
  const eventAt = kernel.start + DIGEST_LENGTH
  let eventCount = 0
  let triggerStart = 0
  kernel.restart()
  const write = (event: ProofEvent) => {
    writeProofEvent(kernel.memory, eventAt, event)
    kernel.writeEvent(eventAt, block, BigInt(eventCount))
    eventCount += 1
  }
  return {
    write,
    startTrigger: () => {
      triggerStart = eventCount
    },
    writeError: () => write({ type: 'error', redactedEventCount: eventCount - triggerStart }),
    mark: () => ({ eventCount, state: saveState(kernel) }),
    goBack: (mark) => {
      eventCount = mark.eventCount
      restoreState(kernel, mark.state)
    },
    eventCount: () => eventCount,
    end: (previous) => {
      kernel.writeLength(block, BigInt(eventCount))
      if (previous !== undefined) {
        kernel.memory.bytes.set(previous, kernel.start)
        kernel.mixin(kernel.start)
      }
      return saveState(kernel)
    },
  }
}

/** What a Proof of Indexing is asked for. */
export type ProofRequest = {
  readonly deployment: string
  readonly blockNumber: number
  readonly blockHash: Uint8Array
  /** 20 bytes. */
  readonly indexer?: Uint8Array
  /** The digests of the regions at that block, by name. */
  readonly regions: ReadonlyMap<string, ProofDigest>
}

/** The Proof of Indexing that `proofOfIndexing` of graph-node's index-node API answers: 32 bytes. */
export function finishProof(request: ProofRequest): Uint8Array {
  const kernel = openProofKernel()
  const text = new TextEncoder()
  writeBytes(kernel, child(child(ROOT, 1n), 0n), text.encode(request.deployment))
  writeBytes(kernel, child(ROOT, 2n), request.blockHash)
  if (request.indexer !== undefined) {
    const address = child(ROOT, 3n)
    writeBytes(kernel, child(address, 0n), request.indexer)
    writeAt(kernel, address, new Uint8Array())
  }
  for (const [name, digest] of request.regions) {
    const region = openProofKernel()
    restoreState(region, digest)
    const blockCount = BigInt(request.blockNumber) + 1n
    writeBytes(region, child(child(ROOT, 1n), 0n), littleEndian(blockCount))
    writeBytes(region, child(ROOT, 0n), text.encode(name))
    writeBytes(kernel, child(ROOT, 0n), saveState(region))
  }
  kernel.finish(kernel.start)
  return keccak256(kernel.memory.bytes.slice(kernel.start, kernel.start + 16), 'bytes')
}

function child(address: bigint, number: bigint): bigint {
  return (address * CHILD_FACTOR + number) & MASK_128
}

function writeBytes(kernel: ProofKernel, address: bigint, bytes: Uint8Array): void {
  if (bytes.length > 0) writeAt(kernel, address, bytes)
}

function writeAt(kernel: ProofKernel, address: bigint, bytes: Uint8Array): void {
  const end = kernel.start + bytes.length
  if (end > kernel.memory.bytes.length) kernel.memory.reserve(end)
  kernel.memory.bytes.set(bytes, kernel.start)
  kernel.writeAt(address >> 64n, address & MASK_64, kernel.start, bytes.length)
}

function littleEndian(value: bigint): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.push(Number(rest & 0xffn))
  return Uint8Array.from(bytes)
}

function saveState(kernel: ProofKernel): Uint8Array {
  kernel.save(kernel.start)
  return kernel.memory.bytes.slice(kernel.start, kernel.start + DIGEST_LENGTH)
}

function restoreState(kernel: ProofKernel, state: Uint8Array): void {
  kernel.memory.bytes.set(state, kernel.start)
  kernel.restore(kernel.start)
}
