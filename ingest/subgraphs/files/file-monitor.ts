import { parseContentPath } from './content-path.ts'
import { FileUnavailableError, type Gateway, openGateway } from './gateway.ts'
import { readVerifiedFile } from './verified-file.ts'

/** What a file is called, and where such names are looked up. */
export type FileName = { readonly kind: FileKind; readonly name: string }

/** `ipfs`: a CID and perhaps a path; `arweave`: the id of a transaction and perhaps a path. */
export type FileKind = 'ipfs' | 'arweave'

/** What handlers see of the name that one of them gave a file; undefined where it cannot be one. */
export function fileName(kind: FileKind, given: string): string | undefined {
  return kind === 'ipfs' ? parseContentPath(given)?.text : given
}

/** A file that is here. */
export type FoundFile = FileName & { readonly bytes: Uint8Array }

/** A file that is looked for. */
export type WaitingFile = FileName & {
  readonly attemptCount: number
  /** Why it is not here yet. */
  readonly reason: string
}

/** Looks for the files of one subgraph while its blocks run. */
export type FileMonitor = {
  /** Looks for a file until it is here; for one that it knows, nothing happens. */
  watch(file: FileName): void
  /** The files that are here, in the order in which they came. */
  found(): readonly FoundFile[]
  /** Forgets a file, here or not. */
  forget(file: FileName): void
  waiting(): readonly WaitingFile[]
}

/** Where files may be looked for, and how. */
export type FileMonitorOptions = {
  /** Base URLs, asked in order: blocks of IPFS lie below `ipfs/`, files of Arweave below the base. */
  readonly gateways: Readonly<Record<FileKind, readonly string[]>>
  readonly sleep: (durationMs: number) => Promise<void>
  readonly signal: AbortSignal
  /** 25 MiB by default, as in graph-node. */
  readonly byteLengthMax?: number
  /** 60,000 for one file by default, as in graph-node. */
  readonly timeoutMs?: number
}

const MIB = 1024 * 1024
const BACK_OFF_MS_MIN = 5_000
const BACK_OFF_MS_MAX = 600_000
const REQUEST_COUNT_MAX = 8
/** While so much lies here unread, nothing more is fetched. */
const HELD_BYTES_MAX = 256 * MIB

/**
 * Opens a monitor. A file that is not to be had is tried again after pauses of 5 seconds to 10
 * minutes, without end; nothing of it is an error.
 */
export function openFileMonitor(options: FileMonitorOptions): FileMonitor {
  const files = new Map<string, WatchedFile>()
  const gateways = {
    ipfs: options.gateways.ipfs.map(openGateway),
    arweave: options.gateways.arweave.map(openGateway),
  }
  let requestCount = 0
  const heldBytes = () => {
    let sum = 0
    for (const { bytes } of files.values()) sum += bytes?.length ?? 0
    return sum
  }
  const start = () => {
    if (options.signal.aborted || requestCount >= REQUEST_COUNT_MAX) return
    const next = [...files.values()].find(({ state }) => state === 'due')
    if (next === undefined || heldBytes() >= HELD_BYTES_MAX) return
    requestCount += 1
    next.state = 'asked'
    void attempt(next).finally(() => {
      requestCount -= 1
      start()
    })
    start()
  }
  const attempt = async (file: WatchedFile) => {
    try {
      file.bytes = await readFile(file.name, gateways[file.name.kind], options)
      file.state = 'here'
      // Files stand in the order in which they came.
      if (files.delete(keyOf(file.name))) files.set(keyOf(file.name), file)
    } catch (error) {
      file.reason = error instanceof Error ? error.message : String(error)
      file.state = 'resting'
      file.attemptCount += 1
      void rest(file)
    }
  }
  const rest = async (file: WatchedFile) => {
    const pauseMs = BACK_OFF_MS_MIN * 2 ** Math.min(file.attemptCount - 1, 10)
    await options.sleep(Math.min(pauseMs, BACK_OFF_MS_MAX))
    file.state = 'due'
    start()
  }
  return {
    watch: ({ kind, name }) => {
      const file = { kind, name }
      if (files.has(keyOf(file))) return
      const hasGateway = gateways[kind].length > 0
      const reason = hasGateway
        ? 'it is being fetched'
        : `expected a gateway for ${kind}, found none`
      const state = hasGateway ? 'due' : 'resting'
      files.set(keyOf(file), { name: file, state, reason, attemptCount: 0, bytes: undefined })
      start()
    },
    found: () =>
      [...files.values()].flatMap(({ name, bytes }) =>
        bytes === undefined ? [] : [{ ...name, bytes }],
      ),
    forget: (name) => {
      files.delete(keyOf(name))
      start()
    },
    waiting: () =>
      [...files.values()].flatMap(({ name, bytes, attemptCount, reason }) =>
        bytes === undefined ? [{ ...name, attemptCount, reason }] : [],
      ),
  }
}

type WatchedFile = {
  readonly name: FileName
  state: 'due' | 'asked' | 'resting' | 'here'
  reason: string
  attemptCount: number
  bytes: Uint8Array | undefined
}

function keyOf({ kind, name }: FileName): string {
  return `${kind} ${name}`
}

async function readFile(
  { kind, name }: FileName,
  gateways: readonly Gateway[],
  options: FileMonitorOptions,
): Promise<Uint8Array> {
  const { byteLengthMax = 25 * MIB, timeoutMs = 60_000 } = options
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([options.signal, timeout])
  let failure = new FileUnavailableError(`expected a gateway for ${kind}, found none`)
  for (const gateway of gateways) {
    try {
      return kind === 'ipfs'
        ? await readContent(gateway, name, byteLengthMax, signal)
        : await gateway.read(transactionPath(name), byteLengthMax, signal)
    } catch (error) {
      if (!(error instanceof FileUnavailableError)) throw error
      failure = error
    }
  }
  throw failure
}

async function readContent(
  gateway: Gateway,
  name: string,
  byteLengthMax: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const path = parseContentPath(name)
  if (path === undefined) throw new FileUnavailableError(`expected a CID, found ${name}`)
  return readVerifiedFile(
    path,
    ({ text }, lengthMax) => gateway.read(`ipfs/${text}?format=raw`, lengthMax, signal),
    byteLengthMax,
  )
}

/** The bytes of Arweave are not checked: their proof lies in the chain of Arweave. */
function transactionPath(name: string): string {
  const [id = '', ...names] = name.split('/')
  const isPath = names.every((part) => part !== '' && part !== '.' && part !== '..')
  if (/^[A-Za-z0-9_-]{43}$/.test(id) && isPath)
    return [id, ...names.map(encodeURIComponent)].join('/')
  throw new FileUnavailableError(`expected the id of a transaction of Arweave, found ${name}`)
}
