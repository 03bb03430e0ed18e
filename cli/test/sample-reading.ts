import type { IngestStatus, ProviderReport, SubgraphStatus } from '@foggara/ingest'

import { openProvider } from '../../ingest/chain/rpc-provider.ts'
import type { ServiceReading } from '../live/board.ts'

/** A provider that does well. */
export const PROVIDER: ProviderReport = {
  ...openProvider({
    url: 'https://rpc.example/key',
    chainId: 1,
    nowMs: () => 0,
    sleep: () => Promise.resolve(),
    signal: new AbortController().signal,
  }).report(),
  id: 'https://rpc.example/… #abc123',
  state: 'well',
  trouble: '',
  latencyMs: 42,
  successes: 900,
  failures: 3,
  lies: 1,
  quarantines: 2,
  headBlock: 12_400,
  callsPerSecond: 25.5,
  usage: {
    requests: 1_000,
    calls: 12_345,
    sentBytes: 40_000,
    receivedBytes: 9_000_000,
    units: 1_234_567,
    inFlight: 4,
    waits: 7,
    waitedMs: 1_500,
    errors: { 'rate-limited': 2, unreachable: 1 },
  },
  limits: { blocksMax: 2_000, filtersMax: null, logsMax: 5_000, blocksByFilter: { a: 500 } },
}

/** A chain that is being indexed. */
export const CHAIN_STATUS: IngestStatus = {
  state: 'backfilling',
  chainHeadBlock: 12_400,
  finalizedBlock: 12_336,
  indexedBlock: 8_000,
  settledBlock: 7_936,
  blocksPerSecond: 400.5,
  logsPerSecond: 81_234.5,
  secondsLeft: 11,
  secondsSinceProgress: 0.5,
  secondsSinceLook: 0.25,
  indexedBlocks: 8_003,
  indexedLogs: 1_600_000,
  commits: 9,
  settlements: 3,
  fetchMs: 15_000,
  commitMs: 4_000,
  settleMs: 500,
  undecodedLogs: 0,
  reorgs: 3,
  reorgsByDepth: { 1: 2, 64: 1 },
  failures: { RPC_UNREACHABLE: 2 },
  errorCode: '',
  errorText: '',
  errorHint: '',
  providers: [PROVIDER],
}

const SUBGRAPH: SubgraphStatus = {
  name: 'token',
  state: 'backfilling',
  block: 400,
  targetBlock: 12_400,
  finalizedBlock: 12_336,
  handlers: 90,
  events: 80,
  versions: 70,
  reverts: 1,
  handlersPerSecond: 12,
  blocksPerSecond: 30.5,
  secondsLeft: 394,
  waitingFiles: 0,
  waitingFor: '',
  errorCode: '',
  errorText: '',
  errorHint: '',
  isRetryable: true,
  errorPlace: undefined,
}

/** A service with everything that it may have. */
export const READING: ServiceReading = {
  chains: [{ chain: '31337', status: CHAIN_STATUS }],
  subgraphs: [SUBGRAPH],
  receipts: {
    outcomes: [
      { kind: 'receipt', status: 'accepted', code: 'ACCEPTED', count: 1_200 },
      { kind: 'batch', status: 'accepted', code: 'ACCEPTED', count: 3 },
      { kind: 'receipt', status: 'rejected', code: 'SIGNATURE_INVALID', count: 1 },
    ],
    waiting: 2,
    perSecond: 20.1,
    acknowledgement: { bounds: [0.1, 1], counts: [1_200, 3, 1], sum: 40 },
  },
  epochs: { epoch: 12, closed: 12, scoringMs: 2_500, problems: 0 },
  memory: {
    residentBytes: 412e6,
    heapBytes: 90e6,
    databaseBytes: 380e6,
    ceilingBytes: 1_000e6,
  },
  problems: [
    {
      atMs: 1_000,
      code: 'RPC_UNREACHABLE',
      message: 'RPC_UNREACHABLE: http://a/…: none',
      count: 2,
    },
    { atMs: 5_000, code: 'RPC_REFUSED', message: 'bad \u001b[2J key\u0007', count: 1 },
  ],
}
