// Why reading stopped. The numbers are those of scan/malformed.ts.

export const SYNTAX: u32 = 1
export const TOO_DEEP: u32 = 2
export const NO_OBJECT: u32 = 3
export const NO_LIST: u32 = 4
export const KEY_TWICE: u32 = 5
export const FIELD_MISSING: u32 = 6
export const FIELD_UNFIT: u32 = 7
export const LOG_REMOVED: u32 = 8
export const TOPICS_TOO_MANY: u32 = 9
export const ANSWERS_TOO_MANY: u32 = 10

let reason: u32 = 0
let place: usize = 0
let detail: u32 = 0

/** Notes the first failure and returns 0, which no address is. */
export function fail(code: u32, at: usize, field: u32 = 0): usize {
  reason = code
  place = at
  detail = field
  return 0
}

export function failureReason(): u32 {
  return reason
}

export function failurePlace(): usize {
  return place
}

export function failureField(): u32 {
  return detail
}
