/** What a node can do wrong in answering one request; each has been seen of real providers. */
export const FAULTS = [
  // Lies that only a proof can find.
  'drop-log',
  'drop-last-log',
  'drop-any-log',
  'no-logs',
  'drop-receipt',
  'drop-log-of-receipt',
  // Lies that contradict themselves.
  'double-log',
  'removed-log',
  'other-fork-log',
  'log-outside',
  'wrong-block',
  'null-block',
  'null-receipts',
  // Delays.
  'stale-head',
  // Failures.
  'corpus-error',
  'rate-limit',
  'range-too-large',
  'http-500',
  'hang-up',
  'cut-answer',
  'no-answer-to-one',
  'answer-out-of-order',
] as const
export type Fault = (typeof FAULTS)[number]
