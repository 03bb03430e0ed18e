/** Blocks by number, both included. */
export type BlockSpan = { readonly from: number; readonly to: number }

/** What a failed answer means, which decides what helps. */
export type RpcVerdict =
  /** The range may have fewer blocks only, `limit` of them where the provider says so. */
  | { readonly type: 'too-many-blocks'; readonly limit?: number; readonly suggested?: BlockSpan }
  /** The answer would be too large: a shorter range, or fewer addresses, may do. */
  | { readonly type: 'too-many-logs'; readonly suggested?: BlockSpan }
  /** The filter may name fewer addresses or topics only. */
  | { readonly type: 'too-many-filters' }
  /** One request may hold fewer calls only. */
  | { readonly type: 'too-many-calls'; readonly limit?: number }
  /** Fewer requests a second. */
  | { readonly type: 'rate-limited' }
  /** Nothing more for hours or days, until somebody pays. */
  | { readonly type: 'quota-used-up' }
  /** The key is wrong or may not do this. */
  | { readonly type: 'refused' }
  /** The node does not have the block yet: another one, or later. */
  | { readonly type: 'behind' }
  /** The node has thrown it away: another one. */
  | { readonly type: 'gone' }
  /** The node does not know the method: another one. */
  | { readonly type: 'unsupported' }
  /** A contract refused the call: that is the answer. */
  | { readonly type: 'reverted' }
  /** Nobody was there to answer, or not in time. */
  | { readonly type: 'unavailable' }
  /** Words that nobody knows: it may be a limit. */
  | { readonly type: 'unknown' }

/** What is known of an answer that is no result. */
export type RpcFailure = {
  /** The HTTP status. */
  readonly status?: number
  /** The JSON-RPC error object, as received. */
  readonly error?: unknown
  /** The body, where it is no JSON-RPC. */
  readonly text?: string
}

/**
 * Says what a failed answer means, by code, message and data together: providers use one code for
 * several things, and some name a limit in the data only.
 *
 * Statements about blocks that a node lacks come first, since they speak of ranges too; limits of
 * ranges come before limits of rates, since both are "exceeded".
 */
export function verdictOf({ status, error, text }: RpcFailure): RpcVerdict {
  const words = error === undefined ? (text ?? '') : JSON.stringify(error)
  const code = codeOf(error)
  // After these words a contract says what it wants, be it that a limit was exceeded.
  if (code === 3 || EXECUTION_FAILED.test(words)) return { type: 'reverted' }
  if (UNSUPPORTED.test(words)) return { type: 'unsupported' }
  if (BEHIND.test(words)) return { type: 'behind' }
  if (GONE.test(words)) return { type: 'gone' }
  const calls = TOO_MANY_CALLS.exec(words)
  if (calls !== null) {
    const limit = Number(calls[1] ?? calls[2])
    return { type: 'too-many-calls', ...(limit > 0 ? { limit } : {}) }
  }
  if (TOO_MANY_FILTERS.test(words)) return { type: 'too-many-filters' }
  const suggested = suggestedSpan(words)
  const hint = suggested === undefined ? {} : { suggested }
  if (status === 413 || TOO_MANY_LOGS.test(words)) return { type: 'too-many-logs', ...hint }
  const limit = blockLimit(words)
  if (limit !== undefined) return { type: 'too-many-blocks', limit, ...hint }
  if (TOO_MANY_BLOCKS.test(words)) return { type: 'too-many-blocks', ...hint }
  if (status === 402 || QUOTA.test(words)) return { type: 'quota-used-up' }
  if (status === 429 || RATE.test(words)) return { type: 'rate-limited' }
  if (status === 401 || status === 403 || REFUSED.test(words)) return { type: 'refused' }
  if (REVERTED.test(words)) return { type: 'reverted' }
  if (code === -32_005) return { type: 'rate-limited' }
  if (code === -32_601 || code === -32_004) return { type: 'unsupported' }
  if ((status ?? 0) >= 500 || code === -32_603) return { type: 'unavailable' }
  return { type: UNAVAILABLE.test(words) ? 'unavailable' : 'unknown' }
}

/**
 * The part of a request that a hint is good for: it must begin where the request does and be
 * shorter. Hints outside the request have been seen.
 */
export function usableHint(hint: BlockSpan | undefined, asked: BlockSpan): number | undefined {
  if (hint === undefined || hint.from !== asked.from) return undefined
  return hint.to >= asked.from && hint.to < asked.to ? hint.to - hint.from + 1 : undefined
}

const UNSUPPORTED =
  /method\b.*(?:not found|not supported|does not exist|not available|whitelisted|not included)|unsupported method|(?:finalized|safe|pending) block not found/iu
const BEHIND =
  /beyond current head|header not found|unknown block|block not found|height \d* ?is not available|invalid block height|last accepted block|unfinalized data|cannot be found|block #?\d+ not found|in the future/iu
const GONE =
  /pruned|missing trie node|state .{0,80}(?:not available|unavailable)|historical state|archive|failed to get logs for block #0|maximum proof window|block range too old/iu
const TOO_MANY_CALLS =
  /\bbatch\b.*?(?:more than (\d+)|too (?:large|big|many)(?:.*?maximum is (\d+))?|limit|size|exceed)|in (?:a )?batch/iu
const TOO_MANY_FILTERS =
  /contains \d+ filters|max addresses|less number of address|too many (?:addresses|topics)/iu
const TOO_MANY_LOGS = new RegExp(
  [
    String.raw`(?:more than|exceeds? max) [\d,]* ?(?:results|logs)|too many (?:results|logs)`,
    String.raw`max results|logs matched by query exceeds|exceeded max limit of \d`,
    String.raw`response size (?:exceeded|should not|is larger)|response (?:is )?too (?:big|large)`,
  ].join('|'),
  'iu',
)
const COUNT = String.raw`(\d[\d,]*k?)`
/** Where a provider names the most blocks of a range. */
const BLOCK_LIMITS = [
  `limited to (?:a )?${COUNT}(?: blocks?)? range`,
  `up to a ${COUNT} block range`,
  `max(?:imum)? block range:? ${COUNT}`,
  `block range (?:exceeds|greater than) ${COUNT}`,
  String.raw`range \d+ exceeds limit of ${COUNT}`,
  `bigger than range limit ${COUNT}`,
  `ranges over ${COUNT} blocks`,
  `range exceeds server limit, narrow your filter: ${COUNT}`,
  `blocks distance: ${COUNT}`,
  `max range: ${COUNT}`,
  `requested blocks is ${COUNT}`,
  String.raw`range allowed for your plan \(\d+ > ${COUNT}`,
  `limit the query to at most ${COUNT} blocks`,
  `max is ${COUNT} blocks`,
  `too many blocks from .*maximum is set to ${COUNT}`,
  String.raw`block range is too wide \(maximum ${COUNT}`,
  `maximum allowed is ${COUNT} blocks`,
  `must be smaller than size ${COUNT}`,
].map((pattern) => new RegExp(pattern, 'iu'))
/** Where it says only that there is such a limit. */
const TOO_MANY_BLOCKS =
  /range (?:is )?too (?:large|wide|big)|block range limit exceeded|bigger than maxblockrange|too many blocks|reduce .{0,20}block range/iu
const QUOTA =
  /monthly|quota|daily request|free tier|payment required|upgrade your (?:tier|plan|account)|credits? limits?|out of credits/iu
const RATE =
  /rate.?limit|request rate|too many requests|throttl|compute units|per second|request (?:count|limit)|\/second|too much load|"limit exceeded|slow down/iu
const REFUSED =
  /unauthori[sz]ed|authenticate|api.?key|project id|not allowed to access|access denied|forbidden/iu
const EXECUTION_FAILED =
  /"(?:error: )?(?:execution reverted|vm exception while processing|vm execution error|evm error:)/iu
/** As geth, parity and reth say it; graph-node knows the same words. */
const REVERTED = new RegExp(
  [
    String.raw`revert|out of gas|invalid (?:opcode|jump)|vm execution error|stack (?:underflow|limit)`,
    'invalidjump|notactivated|invalidfeopcode|stackunderflow|stackoverflow|opcodenotfound',
    'bad instruction f[de]|bad jump|out of stack',
  ].join('|'),
  'iu',
)
const UNAVAILABLE =
  /no backend|time[d ]*-? ?out|deadline exceeded|unavailable|internal (?:server )?error|bad gateway|busy|overloaded/iu

function blockLimit(words: string): number | undefined {
  for (const pattern of BLOCK_LIMITS) {
    const found = pattern.exec(words)?.[1]?.toLowerCase().replaceAll(',', '')
    if (found === undefined) continue
    const count = found.endsWith('k') ? 1_000 * Number(found.slice(0, -1)) : Number(found)
    if (Number.isSafeInteger(count) && count > 0) return count
  }
  return undefined
}

/** The range that an error says would work, whichever way round it stands. */
function suggestedSpan(words: string): BlockSpan | undefined {
  const hex =
    /\[\s*(0x[0-9a-f]{1,12})\s*,\s*(0x[0-9a-f]{1,12})\s*\]/iu.exec(words) ??
    /"from":"(0x[0-9a-f]{1,12})".*"to":"(0x[0-9a-f]{1,12})"/iu.exec(words)
  const pair = hex ?? /with the range (\d{1,15})-(\d{1,15})/iu.exec(words)
  if (pair === null) return undefined
  const [a, b] = [Number(pair[1]), Number(pair[2])]
  return { from: Math.min(a, b), to: Math.max(a, b) }
}

function codeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return Number(error.code)
}
