import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

import { UsageError, parseArguments } from './arguments.ts'
import { type Command, type Context, type OptionValues, textOption } from './command.ts'
import { commandHelp, overviewHelp } from './help.ts'
import { entryJson, entryOf } from './log/log-entry.ts'

/** Runs one command line and gives its exit code; every failure becomes one coded line. */
export async function run(
  args: readonly string[],
  commands: readonly Command[],
  version: string,
  context: Context,
): Promise<number> {
  let options: OptionValues = {}
  try {
    const request = parseArguments(args, commands)
    if (request.type === 'run') options = request.options
    switch (request.type) {
      case 'help':
        context.print(
          request.command === undefined ? overviewHelp(commands) : commandHelp(request.command),
        )
        return args.length === 0 ? EX_USAGE : 0
      case 'version':
        context.print(version)
        return 0
      case 'run':
        return await request.command.run({
          ...request,
          context: warningContext(options, context),
        })
    }
  } catch (cause) {
    const error = asCodedError(cause)
    const exitCode = exitCodeOf(error)
    if (logsJson(options, context)) context.warn(errorJson(error, exitCode, context.nowMs()))
    else reportError(error, context)
    return exitCode
  }
}

/** Where a log in JSON is asked for, warnings are such entries too. */
function warningContext(options: OptionValues, context: Context): Context {
  if (!logsJson(options, context)) return context
  const warn = (line: string): void => {
    context.warn(entryJson(entryOf(`cli: ${line}`, {}, context.nowMs())))
  }
  return { ...context, warn }
}

function logsJson(options: OptionValues, { environment }: Context): boolean {
  return (textOption(options, 'log') ?? environment['FOGGARA_LOG']) === 'json'
}

/** Prints `CODE message` and the hint; the stack only when FOGGARA_DEBUG is set. */
export function reportError(error: unknown, context: Context): void {
  const { code, message, hint } = wordsOf(error)
  context.warn(`${code} ${message}`)
  if (hint !== undefined) context.warn(`  hint: ${hint}`)
  if (context.environment['FOGGARA_DEBUG'] === '1') {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      context.warn(cause.stack ?? cause.message)
    }
  }
}

function errorJson(error: unknown, exitCode: number, nowMs: number): string {
  const { code, message, hint } = wordsOf(error)
  const entry = entryOf(`cli: ${message}`, { hint, fields: { exitCode } }, nowMs)
  return entryJson({ ...entry, level: 'error', code })
}

function wordsOf(error: unknown): Pick<FoggaraError, 'code' | 'message' | 'hint'> {
  if (error instanceof FoggaraError) return error
  const text = error instanceof Error ? error.message : String(error)
  return {
    code: 'UNEXPECTED',
    message: text.split('\n')[0] ?? '',
    hint: 'this is a defect; set FOGGARA_DEBUG=1 to see where it comes from',
  }
}

/** Puts failures of the operating system into words that no part has found any for. */
export function asCodedError(cause: unknown): unknown {
  if (cause instanceof FoggaraError || !(cause instanceof Error)) return cause
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (code === 'ENOSPC') {
    return new RetryableError('DISK_FULL', 'expected free disk space, found a full disk', {
      cause,
      hint: 'Free disk space and run it again; nothing was lost.',
    })
  }
  if (!/^E[A-Z]+$/.test(code) || !('syscall' in cause)) return cause
  const place = 'path' in cause ? ` at ${String(cause.path)}` : ''
  return new FatalError('SYSTEM_ERROR', `expected to work with files, found ${code}${place}`, {
    cause,
  })
}

/** As `sysexits.h` names them, so that a supervisor can tell what is worth another try. */
const EX_USAGE = 64
const EX_TEMPFAIL = 75
/** What shells say of a command that Ctrl-C ended. */
const INTERRUPTED = 130

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EX_USAGE
  if (error instanceof FoggaraError && error.code === 'RUN_ABORTED') return INTERRUPTED
  return error instanceof FoggaraError && error.retryable ? EX_TEMPFAIL : 1
}
