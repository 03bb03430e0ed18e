import { FoggaraError } from '@foggara/schema'

/** What one check found. */
export type Finding = {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  readonly text: string
  /** What to do; for warn and fail. */
  readonly advice?: string
}

/** One check of the doctor. */
export type Check = { readonly what: string; readonly run: () => Promise<Omit<Finding, 'what'>> }

const WHAT_WIDTH = 16

/** Runs a check; what it throws is a failure with its code. */
export async function findingOf(check: Check): Promise<Finding> {
  try {
    return { what: check.what, ...(await check.run()) }
  } catch (error) {
    const { what } = check
    if (!(error instanceof FoggaraError)) {
      return { level: 'fail', what, text: error instanceof Error ? error.message : String(error) }
    }
    const text = `${error.code} ${error.message}`
    return {
      level: 'fail',
      what,
      text,
      ...(error.hint === undefined ? {} : { advice: error.hint }),
    }
  }
}

/** Runs checks one after the other. */
export async function* findingsOf(checks: readonly Check[]): AsyncGenerator<Finding, void, void> {
  for (const check of checks) yield await findingOf(check)
}

/** The line that tells of a finding. */
export function findingLine({ level, what, text, advice }: Finding): string {
  const line = `${level.padEnd(4)}  ${what.padEnd(WHAT_WIDTH)}  ${text}`
  return advice === undefined ? line : `${line}\n${' '.repeat(8 + WHAT_WIDTH)}-> ${advice}`
}
