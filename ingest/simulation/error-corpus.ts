import type { RpcVerdict } from '../chain/rpc-verdict.ts'

/** An error as a provider really worded it, with what it means. */
export type CorpusError = {
  /** Who says it: a provider, a client or a chain. */
  readonly who: string
  /** The HTTP status; 200 by default, as JSON-RPC errors travel. */
  readonly status?: number
  /** The JSON-RPC error object; absent when the answer is no JSON-RPC. */
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
  readonly means: RpcVerdict['type']
  /** The limit that it names. */
  readonly limit?: number
  /** The range of blocks that it says would work. */
  readonly suggested?: { readonly from: number; readonly to: number }
}

/**
 * Errors of JSON-RPC providers, collected from their users' bug reports and from the patterns of
 * other indexers. Numbers are examples; words are literal. Codes without a thread are approximate.
 */
export const ERROR_CORPUS: readonly CorpusError[] = [
  ...tooManyBlocks([
    [
      'Alchemy, free tier',
      -32600,
      'You can make eth_getLogs requests with up to a 500 block range. Based on your parameters, this block range should work: [0x64, 0x257]',
      500,
      { from: 100, to: 599 },
    ],
    [
      'Alchemy, free tier, 2025',
      -32600,
      'Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range. Based on your parameters, this block range should work: [0x64, 0x6d]. Upgrade to PAYG for expanded block range.',
      10,
      { from: 100, to: 109 },
    ],
    ['Infura, 2026', -32602, 'range 1000000 exceeds limit of 10000', 10_000],
    ['QuickNode', -32614, 'eth_getLogs is limited to a 10,000 range', 10_000],
    ['1RPC', -32602, 'eth_getLogs is limited to a 1000 blocks range', 1_000],
    [
      'BlockPI',
      -32602,
      'eth_getLogs is limited to 1024 block range. Please check the parameter requirements at https://docs.blockpi.io/',
      1_024,
    ],
    ['dRPC, free tier', 35, 'ranges over 10000 blocks are not supported on freetier', 10_000],
    ['reth', -32602, 'query exceeds max block range 100000', 100_000],
    [
      'Erigon 3.4',
      -32000,
      'query block range exceeds server limit, narrow your filter: 1000',
      1_000,
    ],
    ['Ankr', -32600, 'block range is too wide', undefined],
    ['TAC by Ankr', -32000, 'maximum [from, to] blocks distance: 2000', 2_000],
    ['PublicNode', -32701, 'exceed maximum block range: 50000', 50_000],
    ['Cloudflare', -32047, 'Invalid eth_getLogs request. Range too large. Max range: 800', 800],
    ['thirdweb', -32000, 'Maximum allowed number of requested blocks is 1000', 1_000],
    ['Chainstack', -32602, 'Block range limit exceeded.', undefined],
    ['Blast', -32000, 'exceeds the range allowed for your plan (5000 > 3000)', 3_000],
    ['Coinbase', -32000, 'please limit the query to at most 1000 blocks', 1_000],
    ['Base', -32000, 'block range too large', undefined],
    ['Merkle, free', -32000, 'eth_getLogs range is too large, max is 1k blocks', 1_000],
    ['Merkle', -32000, 'eth_getLogs range is too large, max is 10k blocks', 10_000],
    ['Optimism proxyd', -32601, 'Block range is too large', undefined],
    [
      'Avalanche',
      -32000,
      'requested too many blocks from 1 to 9000, maximum is set to 2048',
      2_048,
    ],
    ['Moonbeam', -32603, 'block range is too wide (maximum 1024)', 1_024],
    ['Scroll', -32000, 'block range is bigger than maxBlockRange', undefined],
    ['Sei', -32000, 'block range too large (9001), maximum allowed is 2000 blocks', 2_000],
    ['Tron', -32602, 'exceed max block range: 5000', 5_000],
    ['Harmony', -32000, 'query must be smaller than size 1024', 1_024],
    ['Somnia', -32000, 'block range exceeds 1000', 1_000],
    ['Swell', -32000, 'block range greater than 2000 max', 2_000],
    ['Aurora', -32000, 'up to a 2000 block range', 2_000],
    ['Ethermint', -32000, 'maximum [begin, end] blocks distance: 10000', 10_000],
  ]),
  {
    who: 'Tenderly, which names the limit only in the data',
    error: {
      code: -32602,
      message: 'invalid params',
      data: { payload: 'range 9009594 is bigger than range limit 2000' },
    },
    means: 'too-many-blocks',
    limit: 2_000,
  },
  ...tooManyLogs([
    [
      'Alchemy',
      -32602,
      'Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters and the response size limit, this block range should work: [0x64, 0xc8]',
      { from: 100, to: 200 },
    ],
    [
      'Alchemy, which has answered so with the range reversed',
      -32602,
      'Log response size exceeded. this block range should work: [0xc8, 0x64]',
      { from: 100, to: 200 },
    ],
    ['Alchemy, 2020', -32000, 'Log response size exceeded. Please reduce query block range.'],
    [
      'zkSync',
      -32602,
      'Query returned more than 10000 results. Try with this block range [0x64, 0x12c].',
      { from: 100, to: 300 },
    ],
    [
      'reth',
      -32602,
      'query exceeds max results 20000, retry with the range 100-250',
      { from: 100, to: 250 },
    ],
    ['Erigon 3.4', -32000, 'query returns too many logs, narrow your filter: 20000'],
    ['LlamaRPC', -32000, 'query exceeds max results 20000'],
    ['1RPC', -32602, 'response size should not greater than 10000000 bytes'],
    ['Optimism proxyd', -32020, 'backend response too large'],
    ['Arbitrum', -32000, 'logs matched by query exceeds limit of 10000'],
    ['HyperRPC', -32000, 'query would return more than 50000 logs'],
    ['Ethermint', -32000, 'query returned more than 10000 results'],
    ['a proxy before geth', -32000, 'response is too big'],
  ]),
  {
    who: 'Infura, with the range in the data and the code of its rate limit',
    error: {
      code: -32005,
      message: 'query returned more than 10000 results',
      data: { from: '0x64', to: '0x12C', limit: 10_000 },
    },
    means: 'too-many-logs',
    suggested: { from: 100, to: 300 },
  },
  {
    who: 'reth over jsonrpsee, which names the size in the data',
    error: {
      code: -32008,
      message: 'Response is too big',
      data: 'Exceeded max limit of 167772160',
    },
    means: 'too-many-logs',
  },
  { who: 'any proxy', status: 413, means: 'too-many-logs' },
  ...others('too-many-filters', [
    ['Infura', -32005, 'This query contains 9000 filters. The current limit is 5000.'],
    ['geth', -32000, 'exceed max addresses or topics per search position'],
    ['Ankr', -32000, 'specify less number of addresses'],
  ]),
  {
    who: 'dRPC',
    error: { code: 31, message: 'Batch of more than 3 requests are not allowed on free tier' },
    means: 'too-many-calls',
    limit: 3,
  },
  {
    who: 'Chainstack',
    error: { code: -32000, message: 'Batch is too large, maximum is 100' },
    means: 'too-many-calls',
    limit: 100,
  },
  ...others('too-many-calls', [
    ['geth', -32600, 'batch too large'],
    ['Optimism proxyd', -32014, 'over rate limit: too many RPC calls in batch request'],
    ['nethermind', -32005, 'Batch size limit exceeded'],
  ]),
  ...others('rate-limited', [
    ['Infura', -32005, 'project ID request rate exceeded'],
    ['Infura', -32005, 'rate limit exceeded'],
    ['BSC', -32005, 'limit exceeded'],
    ['QuickNode', -32007, '50/second request limit reached'],
    [
      'Alchemy',
      429,
      'Your app has exceeded its compute units per second capacity. If you have retries enabled, you can safely ignore this message.',
    ],
    ['Ankr', -32029, 'Too Many Requests'],
    ['Optimism proxyd', -32016, 'over rate limit'],
    ['LlamaRPC', -32000, 'you are being throttled'],
    ['BlockPI', -32000, 'the node is under too much load'],
    ['PublicNode', -32000, 'rate limited, please slow down'],
  ]),
  { who: 'any provider', status: 429, means: 'rate-limited' },
  ...others('quota-used-up', [
    [
      'Alchemy',
      429,
      'Monthly capacity limit exceeded. Visit https://dashboard.alchemy.com to upgrade your scaling policy for continued service.',
    ],
    ['Infura', -32005, 'daily request count exceeded, request rate limited'],
    ['dRPC', -32000, 'You have reached the free tier limits, please upgrade your tier'],
    ['Blast', -32098, 'You have reached the quota of your plan'],
    ['QuickNode', -32003, 'credits limits reached - Upgrade your account at quicknode.com'],
  ]),
  { who: 'any provider', status: 402, means: 'quota-used-up' },
  ...others('refused', [
    ['Alchemy', -32600, 'Must be authenticated!'],
    ['Infura', -32002, 'rejected due to project ID settings'],
    ['Ankr', -32000, 'Unauthorized: You must authenticate your request with an API key.'],
    ['Tenderly', -32000, 'invalid API key'],
  ]),
  { who: 'any provider', status: 401, means: 'refused' },
  { who: 'any provider', status: 403, means: 'refused' },
  ...others('behind', [
    ['geth', -32602, 'block range extends beyond current head block'],
    ['Avalanche', -32000, 'cannot query unfinalized data'],
    ['Avalanche', -32000, 'requested from block 901 after last accepted block 900'],
    ['Ethermint', -32000, 'height 901 is not available, lowest height is 1'],
    ['Hyperliquid', -32603, 'invalid block height: 901'],
    ['geth', -32000, 'header not found'],
    ['geth', -32000, 'unknown block'],
    [
      'Nethermind',
      -32001,
      'One of the blocks specified in filter (fromBlock, toBlock or blockHash) cannot be found.',
    ],
    ['Besu', -32000, 'Block not found'],
  ]),
  ...others('gone', [
    ['geth', 4444, 'pruned history unavailable'],
    ['geth', -32000, 'missing trie node 5f (path ) state 0x5f is not available'],
    ['geth, about block 0', -32000, 'failed to get logs for block #0 (5f..5f)'],
    ['Erigon', -32000, 'historical state 0x5f is not available'],
    ['reth', -32000, 'distance to target block exceeds maximum proof window'],
    ['PublicNode', -32701, 'this block is pruned: please use an archive node'],
  ]),
  ...others('unsupported', [
    ['geth', -32601, 'the method eth_getBlockReceipts does not exist/is not available'],
    ['geth before the merge', -32000, 'finalized block not found'],
    ['QuickNode', -32000, 'method eth_getBlockReceipts is not included in your current plan'],
    ['Infura', -32004, 'Method not supported'],
  ]),
  ...others('reverted', [
    ['geth', 3, 'execution reverted: ERC20: transfer amount exceeds balance'],
    ['geth', -32000, 'out of gas: gas limit exceeded the allowance'],
    ['parity', -32015, 'VM execution error.'],
    ['geth', -32000, 'invalid opcode: INVALID'],
    ['geth', 3, 'execution reverted: rate limit exceeded, block range is too large'],
    ['Erigon', -32000, 'execution reverted: too many requests'],
    ['reth', -32003, 'EVM error: StackUnderflow'],
    ['reth', -32000, 'InvalidFEOpcode'],
  ]),
  ...others('unavailable', [
    ['Base', -32011, 'no backend is currently healthy to serve traffic'],
    ['Alchemy', -32000, 'query timeout exceeded'],
    ['geth', -32002, 'request timed out'],
    ['geth', -32000, 'context deadline exceeded'],
    ['Cloudflare', -32603, 'Internal error'],
    ['LlamaRPC', -32000, 'service temporarily unavailable'],
  ]),
  { who: 'any proxy', status: 500, means: 'unavailable' },
  { who: 'any proxy', status: 502, means: 'unavailable' },
  { who: 'any proxy', status: 503, means: 'unavailable' },
  { who: 'any proxy', status: 504, means: 'unavailable' },
  ...others('unknown', [
    ['dRPC', 40_000, 'ChainException: unexpected response with code=40000'],
    ['dRPC', -32602, 'invalid block range'],
    ['a provider of tomorrow', -32000, 'the moon is in the wrong house'],
    ['geth, of a transaction', -32000, 'nonce too low'],
    ['geth, of a transaction', -32000, 'exceeds block gas limit'],
    ['geth, of a transaction', -32000, 'max fee per gas less than block base fee'],
    ['geth, of a transaction', -32000, 'oversized data: transaction size 140000, limit 131072'],
    ['geth, of parameters', -32602, 'invalid argument 0: hex number > 64 bits'],
  ]),
]

type Span = { readonly from: number; readonly to: number }

function tooManyBlocks(
  rows: readonly (readonly [string, number, string, number | undefined, Span?])[],
): readonly CorpusError[] {
  return rows.map(([who, code, message, limit, suggested]) => ({
    who,
    error: { code, message },
    means: 'too-many-blocks',
    ...(limit === undefined ? {} : { limit }),
    ...(suggested === undefined ? {} : { suggested }),
  }))
}

function tooManyLogs(
  rows: readonly (readonly [string, number, string, Span?])[],
): readonly CorpusError[] {
  return rows.map(([who, code, message, suggested]) => ({
    who,
    error: { code, message },
    means: 'too-many-logs',
    ...(suggested === undefined ? {} : { suggested }),
  }))
}

function others(
  means: RpcVerdict['type'],
  rows: readonly (readonly [string, number, string])[],
): readonly CorpusError[] {
  return rows.map(([who, code, message]) => ({ who, error: { code, message }, means }))
}
