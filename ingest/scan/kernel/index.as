export { readAnswers } from './answers'
export { failureField, failurePlace, failureReason } from './failure'
export { beginLogs, countLogs, countPayloadBytes, countTopics } from './logs'

/** The first byte of memory that is the caller's. */
export function base(): usize {
  return (__heap_base + 63) & ~63
}
