import type { IngestStatus, SubgraphStatus } from '@foggara/ingest'

import type { EpochReading } from '../score/scorer.ts'
import type { ReceiptReading } from './watch-receipts.ts'

/** What the parts of a service say about themselves at one moment. */
export type ServiceReading = {
  readonly chains: readonly ChainReading[]
  readonly subgraphs: readonly SubgraphStatus[]
  /** Undefined where no receipts are taken. */
  readonly receipts: ReceiptReading | undefined
  /** Undefined where nothing is scored. */
  readonly epochs: EpochReading | undefined
  readonly memory: MemoryReading
  /** The newest last. */
  readonly problems: readonly Problem[]
}

/** An indexed chain. */
export type ChainReading = { readonly chain: string; readonly status: IngestStatus }

/** Memory of this process and of the embedded database. */
export type MemoryReading = {
  readonly residentBytes: number
  readonly heapBytes: number
  /** Undefined where the database is a server, or this system does not tell. */
  readonly databaseBytes: number | undefined
  /** What both may use together; undefined where nothing was said. */
  readonly ceilingBytes: number | undefined
}

/** Something that went wrong. */
export type Problem = {
  readonly atMs: number
  readonly code: string
  readonly message: string
  /** How often in a row. */
  readonly count: number
}

/** Where the parts of a service leave word of how to ask them; what is missing is not shown. */
export type Board = {
  addChain(chain: string, status: () => IngestStatus): void
  setSubgraphs(read: () => readonly SubgraphStatus[]): void
  setReceipts(read: () => ReceiptReading): void
  setEpochs(read: () => EpochReading): void
  setMemory(read: () => MemoryReading): void
  noteProblem(code: string, message: string): void
  reading(): ServiceReading
}

const PROBLEMS_MAX = 3

/** Starts empty. */
export function createBoard(nowMs: () => number): Board {
  const chains: { readonly chain: string; readonly read: () => IngestStatus }[] = []
  let problems: readonly Problem[] = []
  let readSubgraphs: () => readonly SubgraphStatus[] = () => []
  let readReceipts: () => ReceiptReading | undefined = () => undefined
  let readEpochs: () => EpochReading | undefined = () => undefined
  let readMemory: () => MemoryReading = () => NO_MEMORY
  return {
    addChain: (chain, read) => {
      chains.push({ chain, read })
    },
    setSubgraphs: (read) => {
      readSubgraphs = read
    },
    setReceipts: (read) => {
      readReceipts = read
    },
    setEpochs: (read) => {
      readEpochs = read
    },
    setMemory: (read) => {
      readMemory = read
    },
    noteProblem: (code, message) => {
      const last = problems.at(-1)
      const isSame = last?.code === code && last.message === message
      const before = isSame ? problems.slice(0, -1) : problems
      const count = isSame ? last.count + 1 : 1
      problems = [...before, { atMs: nowMs(), code, message, count }].slice(-PROBLEMS_MAX)
    },
    reading: () => ({
      chains: chains.map(({ chain, read }) => ({ chain, status: read() })),
      subgraphs: readSubgraphs(),
      receipts: readReceipts(),
      epochs: readEpochs(),
      memory: readMemory(),
      problems,
    }),
  }
}

const NO_MEMORY: MemoryReading = {
  residentBytes: 0,
  heapBytes: 0,
  databaseBytes: undefined,
  ceilingBytes: undefined,
}
