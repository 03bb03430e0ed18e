/** What a query thread needs to know once. */
export type ThreadSetup = {
  /** The engine's data directory, already open in this process. */
  readonly path: string
  /** Connection arguments of every session. */
  readonly sessionArguments: readonly string[]
}

/** One statement for a query thread. */
export type Job = {
  /** Statements that prepare the session: settings, parameters, the database. May be empty. */
  readonly preparation: string
  readonly sql: string
  /** Output format when the statement names none. */
  readonly format: string
  /** True to hand the answer over block by block, false to hand it over at once. */
  readonly streamed: boolean
}

/** What the engine counted while it ran a statement. */
export type Counts = { readonly rowsRead: number; readonly bytesRead: number }

/** A message to a query thread; `more` asks for the next block, `stop` ends the answer. */
export type ToThread =
  | { readonly type: 'run'; readonly job: Job }
  | { readonly type: 'more' | 'stop' }

/** A message from a query thread; each job ends with one `done` or `failed`. */
export type FromThread =
  | { readonly type: 'block'; readonly bytes: Uint8Array }
  | { readonly type: 'done'; readonly counts: Counts }
  | { readonly type: 'failed'; readonly text: string }
