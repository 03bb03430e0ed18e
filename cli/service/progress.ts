/** One step forward of something that has an end. */
export type Step = { readonly done: number; readonly total: number }

/**
 * Turns steps into lines with a rate and the time left, at most one every `everyMs`; reaching the end
 * gives one at once. The end may move on afterwards.
 */
export function progressLines(
  what: string,
  unit: string,
  options: { readonly nowMs: () => number; readonly everyMs: number },
): (step: Step) => string | undefined {
  const startMs = options.nowMs()
  let first: number | undefined
  let lastMs = startMs
  let wasAtEnd = false
  return ({ done, total }) => {
    first ??= done
    const nowMs = options.nowMs()
    const isAtEnd = done >= total
    const isNews = isAtEnd && !wasAtEnd
    wasAtEnd = isAtEnd
    if (!isNews && nowMs - lastMs < options.everyMs) return undefined
    lastMs = nowMs
    const perSecond = (done - first) / Math.max(0.001, (nowMs - startMs) / 1000)
    const left = perSecond > 0 ? `, ${duration((total - done) / perSecond)} left` : ''
    const rate = perSecond > 0 ? `, ${Math.round(perSecond)} ${unit}/s` : ''
    return `${what} ${done} of ${total} ${unit}${rate}${isAtEnd ? '' : left}`
  }
}

/** `95` seconds as `1 min 35 s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
