import type { RunProgress } from '@foggara/gpu-analytics'

import type { Context } from '../command.ts'
import { duration } from '../service/progress.ts'

const EVERY_MS = 2_000

/**
 * Tells on standard error how far a run is, how fast and how long it will go on; nothing while it is
 * short. A run that is resumed has `doneCount` iterations behind it.
 */
export function tellProgress(
  context: Context,
  what: string,
  doneCount = 0,
): (progress: RunProgress) => void {
  const startMs = context.nowMs()
  let lastMs = startMs
  return ({ count, countMax, edgeCount }) => {
    const nowMs = context.nowMs()
    if (nowMs - lastMs < EVERY_MS) return
    lastMs = nowMs
    const perSecond = (count - doneCount) / ((nowMs - startMs) / 1000)
    const left = count < countMax ? `, ${duration((countMax - count) / perSecond)} left` : ''
    context.warn(
      `${what}: iteration ${count} of ${countMax}, ${rate(perSecond * edgeCount)} edges/s${left}`,
    )
  }
}

/** `1234567` a second as `1.2 million`. */
export function rate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} million`
  return perSecond >= 1e3 ? `${(perSecond / 1e3).toFixed(1)} thousand` : `${Math.round(perSecond)}`
}
