import { constants } from 'node:fs'
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

import {
  type Hex,
  NO_PREVIOUS_BATCH,
  type Receipt,
  parseReceiptJson,
  receiptToJson,
} from '@foggara/schema'

/** Where a signer stands: the last batch it signed, and the last nonce in it. */
export type OutboxState = {
  readonly sequence: bigint
  readonly previous: Hex
  readonly nonce: bigint
}

/** What a provider has to send, in a folder of its own; every write is on disk when it resolves. */
export type Outbox = {
  /** Receipts that are in no batch yet, by ascending nonce. */
  readonly pending: () => readonly Receipt[]
  readonly state: () => OutboxState
  readonly add: (receipts: readonly Receipt[]) => Promise<void>
  /** Keeps a signed batch of the first pending receipts in their place. */
  readonly seal: (state: OutboxState, bytes: Uint8Array) => Promise<void>
  /** The sequences of sealed batches that are not taken yet, ascending. */
  readonly sealed: () => Promise<readonly bigint[]>
  readonly read: (sequence: bigint) => Promise<Uint8Array>
  readonly remove: (sequence: bigint) => Promise<void>
}

/** How the state after a batch is read from its bytes. */
export type StateOf = (bytes: Uint8Array) => OutboxState

const PENDING = 'pending.ndjson'
const STATE = 'state.json'
const UNSIGNED: Hex = `0x${'00'.repeat(65)}`
const FIRST: OutboxState = { sequence: 0n, previous: NO_PREVIOUS_BATCH, nonce: 0n }

/**
 * Opens an outbox and puts right what a crash left half done: a receipt that was cut off while it was
 * written, which nobody was told of, and a batch that was sealed while its receipts were still pending.
 */
export async function openOutbox(folder: string, stateOf: StateOf): Promise<Outbox> {
  await mkdir(folder, { recursive: true })
  const sealed = () => sealedIn(folder)
  let state = await readState(folder)
  const newest = (await sealed()).at(-1)
  if (newest !== undefined && newest > state.sequence) {
    state = stateOf(await readFile(batchPath(folder, newest)))
    await writeState(folder, state)
  }
  let pending = (await readPending(folder)).filter(({ nonce }) => nonce > state.nonce)
  await replaceFile(folder, PENDING, linesOf(pending))
  return {
    pending: () => pending,
    state: () => state,
    add: async (receipts) => {
      await using file = await open(join(folder, PENDING), 'a')
      await file.writeFile(linesOf(receipts))
      await file.datasync()
      pending = [...pending, ...receipts]
    },
    seal: async (after, bytes) => {
      // In this order: from the batch on, the rest is put right by the next opening.
      await replaceFile(folder, batchName(after.sequence), bytes)
      await writeState(folder, after)
      state = after
      pending = pending.filter(({ nonce }) => nonce > after.nonce)
      await replaceFile(folder, PENDING, linesOf(pending))
    },
    sealed,
    read: (sequence) => readFile(batchPath(folder, sequence)),
    remove: (sequence) => rm(batchPath(folder, sequence), { force: true }),
  }
}

async function sealedIn(folder: string): Promise<readonly bigint[]> {
  const names = await readdir(folder)
  return names
    .flatMap((name) => /^batch-(\d{20})\.bin$/.exec(name)?.[1] ?? [])
    .toSorted()
    .map(BigInt)
}

function batchName(sequence: bigint): string {
  return `batch-${sequence.toString().padStart(20, '0')}.bin`
}

function batchPath(folder: string, sequence: bigint): string {
  return join(folder, batchName(sequence))
}

function linesOf(receipts: readonly Receipt[]): string {
  return receipts
    .map((receipt) => `${JSON.stringify(receiptToJson({ ...receipt, signature: UNSIGNED }))}\n`)
    .join('')
}

async function readPending(folder: string): Promise<readonly Receipt[]> {
  const text = await readIfThere(join(folder, PENDING))
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const { signature: _, ...receipt } = parseReceiptJson(JSON.parse(line))
      return receipt
    })
}

async function readState(folder: string): Promise<OutboxState> {
  const text = await readIfThere(join(folder, STATE))
  if (text === '') return FIRST
  const { sequence, previous, nonce } = JSON.parse(text) as Record<keyof OutboxState, string>
  return { sequence: BigInt(sequence), previous: previous as Hex, nonce: BigInt(nonce) }
}

async function writeState(folder: string, { sequence, previous, nonce }: OutboxState) {
  const state = { sequence: sequence.toString(), previous, nonce: nonce.toString() }
  await replaceFile(folder, STATE, `${JSON.stringify(state)}\n`)
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** The old content or the new is there after a crash, never a part. */
async function replaceFile(folder: string, name: string, content: string | Uint8Array) {
  const fresh = join(folder, `${name}.new`)
  {
    await using file = await open(fresh, 'w')
    await file.writeFile(content)
    await file.datasync()
  }
  await rename(fresh, join(folder, name))
  await using directory = await open(folder, constants.O_RDONLY)
  await directory.sync()
}
