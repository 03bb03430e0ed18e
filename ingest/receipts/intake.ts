import { type ClickHouseClient, currentPin } from '@foggara/database'
import {
  type Deployment,
  type Hex,
  RECEIPT_TABLES,
  RetryableError,
  WORKLOADS,
  parseAddress,
  receiptDomain,
} from '@foggara/schema'
import type { TypedDataDomain } from 'viem'

import type { Row } from '../store/row-binary.ts'
import { type StreamWriter, openStreamWriter } from '../store/stream-writer.ts'
import type { Surroundings } from '../surroundings.ts'
import { recoverSigner } from './judge-receipt.ts'
import { type Known, readKnown } from './known.ts'
import { type ParsedReceipt, RECEIPT_BYTES_MAX, parseReceiptText } from './parse-receipt.ts'

/** What became of a submitted receipt. */
export type ReceiptOutcome = {
  readonly status: 'accepted' | 'duplicate' | 'rejected'
  /** The receipt's id; absent when the text is no receipt. */
  readonly digest: Hex | undefined
  /** `ACCEPTED`, `DUPLICATE` or the stable code of the refusal. */
  readonly code: string
  readonly message: string
}

export type ReceiptIntakeOptions = Surroundings & {
  /** A client of the user who may write. */
  readonly client: ClickHouseClient
  readonly deployment: Deployment
  /** How far in the future a receipt may end; 300 by default. Unit: seconds. */
  readonly driftSeconds?: number
}

/** Takes receipts in over HTTP or from files. The only writer of the receipt stream. */
export type ReceiptIntake = {
  /**
   * Checks one receipt as JSON text and stores it. Resolves when the outcome is on disk: accepted
   * receipts and refused ones (with the reason) are both kept; sending one again changes nothing.
   *
   * Raises what may pass, and then nothing is stored: `RECEIPTS_BUSY`, `BLOCK_NOT_INDEXED` and the
   * codes of `databaseError`.
   */
  readonly accept: (text: string) => Promise<ReceiptOutcome>
  /** Resolves when everything taken in so far has its outcome. */
  readonly settle: () => Promise<void>
}

/** Receipts that wait; beyond it the sender has to come again later. */
const WAITING_MAX = 5_000
/** Receipts of one commit. */
const GROUP_MAX = 500
/** Failed attempts are rare: their rows may stay until some have gathered. */
const COLLECT_RULES = { delayMs: 60_000, countMin: 16 }

/** Opens the intake: takes over the receipt stream from an earlier process. */
export async function openReceiptIntake(options: ReceiptIntakeOptions): Promise<ReceiptIntake> {
  const writer = await openStreamWriter('receipt', RECEIPT_TABLES, -1, options)
  const intake = new Intake(options, writer)
  return { accept: (text) => intake.accept(text), settle: () => intake.settle() }
}

type Waiting = {
  readonly text: string
  readonly resolve: (outcome: ReceiptOutcome) => void
  readonly reject: (error: unknown) => void
}

class Intake {
  readonly #options: ReceiptIntakeOptions
  readonly #writer: StreamWriter
  readonly #domain: TypedDataDomain
  #waiting: Waiting[] = []
  #working: Promise<void> | undefined

  constructor(options: ReceiptIntakeOptions, writer: StreamWriter) {
    const { chainId, contracts } = options.deployment
    this.#options = options
    this.#writer = writer
    this.#domain = receiptDomain(chainId, parseAddress(contracts.ComputeRegistry))
  }

  accept(text: string): Promise<ReceiptOutcome> {
    if (this.#waiting.length >= WAITING_MAX) return Promise.reject(new ReceiptsBusyError())
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject })
      this.#working ??= this.#work()
    })
  }

  async settle(): Promise<void> {
    while (this.#working !== undefined) await this.#working
  }

  /** One group after the other: what waits meanwhile shares the next group's reads and commit. */
  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, GROUP_MAX)
      try {
        const outcomes = await this.#acceptGroup(group.map(({ text }) => text))
        for (const [index, { resolve, reject }] of group.entries()) {
          const outcome = outcomes[index]
          if (outcome === undefined) reject(new ReceiptsBusyError())
          else resolve(outcome)
        }
        await this.#writer.collectGarbage(COLLECT_RULES)
      } catch (error) {
        // After a failed collection everybody has an answer already: rejecting changes nothing.
        for (const { reject } of group) reject(error)
      }
    }
    this.#working = undefined
  }

  async #acceptGroup(texts: readonly string[]): Promise<readonly ReceiptOutcome[]> {
    const { client, nowMs } = this.#options
    const pin = await currentPin(client)
    const wallSeconds = Math.floor(nowMs() / 1000)
    const parsed = texts.map((text) => parseReceiptText(text, this.#domain))
    const receipts = parsed.filter((item) => item.type === 'receipt')
    const known = await readKnown(client, pin, receipts)
    // A devnet's chain may run ahead of the wall.
    const nowSeconds = Math.max(wallSeconds, pin.blockSeconds)
    const submitted: Row[] = []
    const rejected: Row[] = []
    const outcomes: ReceiptOutcome[] = []
    for (const [index, item] of parsed.entries()) {
      const judged = await this.#judge(item, known, nowSeconds)
      outcomes.push(judged.outcome)
      if (judged.row !== undefined) {
        submitted.push({ ...judged.row, received_at_seconds: wallSeconds })
      }
      if (judged.outcome.status === 'rejected') {
        rejected.push(rejectedRow(texts[index] ?? '', judged.outcome, wallSeconds))
      }
    }
    await this.#commit(submitted, rejected)
    return outcomes
  }

  async #judge(
    item: ReturnType<typeof parseReceiptText>,
    known: Known,
    nowSeconds: number,
  ): Promise<{ readonly outcome: ReceiptOutcome; readonly row?: Row }> {
    if (item.type === 'refused') {
      return { outcome: refusal(undefined, item.code, item.message) }
    }
    const { receipt, digest } = item
    if (known.digests.has(digest)) {
      const message = `receipt ${digest} is stored already`
      return { outcome: { status: 'duplicate', digest, code: 'DUPLICATE', message } }
    }
    const latest = BigInt(nowSeconds + (this.#options.driftSeconds ?? 300))
    if (receipt.finishedAtSeconds > latest) {
      const found = `${receipt.finishedAtSeconds}, which is later than ${latest}`
      const message = `finishedAtSeconds: expected a time that has passed, found ${found}`
      return { outcome: refusal(digest, 'FINISHED_IN_FUTURE', message) }
    }
    const { code, message, signer } = await judgeKnown(item, known)
    if (code !== undefined) return { outcome: refusal(digest, code, message) }
    known.digests.add(digest)
    known.nonces.set(`${receipt.provider} ${receipt.nonce}`, digest)
    return {
      outcome: { status: 'accepted', digest, code: 'ACCEPTED', message },
      row: submittedRow(item, signer),
    }
  }

  async #commit(submitted: readonly Row[], rejected: readonly Row[]): Promise<void> {
    if (submitted.length === 0 && rejected.length === 0) return
    await this.#writer.commit({
      rowsByTable: new Map([
        ['submitted_receipt', submitted],
        ['rejected_receipt', rejected],
      ]),
      firstBlock: 0,
      lastBlock: 0,
      blockHashes: [],
      kills: [],
    })
    this.#writer.forget(() => true)
  }
}

type Judgement = { readonly code: string | undefined; readonly message: string; signer: Hex }

/** Against what is known of provider, nonce and assets; the costly signature comes last. */
async function judgeKnown(item: ParsedReceipt, known: Known): Promise<Judgement> {
  const { receipt, digest } = item
  const no = (code: string, message: string): Judgement => ({ code, message, signer: '0x' })
  if (!known.providers.has(receipt.provider)) {
    const expected = `expected a provider with an active signing key`
    return no('SIGNER_UNKNOWN', `${expected}, found ${receipt.provider}`)
  }
  const usedBy = known.nonces.get(`${receipt.provider} ${receipt.nonce}`)
  if (usedBy !== undefined) {
    return no('NONCE_REUSED', `expected an unused nonce, found ${receipt.nonce} of ${usedBy}`)
  }
  const unknown = receipt.assets.find((asset) => !known.assets.has(asset))
  if (unknown !== undefined) {
    return no('ASSET_UNKNOWN', `expected registered assets, found ${unknown}`)
  }
  const signer = await recoverSigner(digest, receipt.signature)
  if (signer === undefined) {
    const found = 'found one that recovers none'
    return no('SIGNATURE_INVALID', `expected 65 bytes with v 27 or 28 and the lower s, ${found}`)
  }
  if (!known.signers.has(`${receipt.provider} ${signer}`)) {
    const expected = `expected an active key of ${receipt.provider}`
    return no('SIGNER_UNKNOWN', `${expected}, found a signature of ${signer}`)
  }
  return { code: undefined, message: `receipt ${digest} is stored`, signer }
}

function refusal(digest: Hex | undefined, code: string, message: string): ReceiptOutcome {
  return { status: 'rejected', digest, code, message }
}

function submittedRow({ receipt, digest }: ParsedReceipt, signer: Hex): Row {
  return {
    digest,
    provider: receipt.provider,
    consumer: receipt.consumer,
    workload: WORKLOADS.indexOf(receipt.workload),
    nonce: receipt.nonce,
    assets: receipt.assets,
    units: receipt.units,
    fee: receipt.fee,
    started_at_seconds: receipt.startedAtSeconds,
    finished_at_seconds: receipt.finishedAtSeconds,
    input_hash: receipt.inputHash,
    output_hash: receipt.outputHash,
    signature: receipt.signature,
    signer,
  }
}

function rejectedRow(text: string, outcome: ReceiptOutcome, receivedAtSeconds: number): Row {
  return {
    received_at_seconds: receivedAtSeconds,
    code: outcome.code,
    reason: outcome.message.toWellFormed(),
    body: text.slice(0, RECEIPT_BYTES_MAX).toWellFormed(),
  }
}

/** Too many receipts wait already; nothing of this one was stored. */
export class ReceiptsBusyError extends RetryableError {
  constructor() {
    super('RECEIPTS_BUSY', `expected at most ${WAITING_MAX} waiting receipts, found more`, {
      hint: 'Send the receipt again in a moment.',
    })
  }
}
