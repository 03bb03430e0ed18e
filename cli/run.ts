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
  given: Context,
): Promise<number> {
  let context = given
  try {
    const request = parseArguments(args, commands)
    if (request.type === 'run') context = warningContext(request.options, given)
    switch (request.type) {
      case 'help':
        context.print(
          request.command === undefined ? overviewHelp(commands) : commandHelp(request.command),
        )
        return args.length === 0 ? 2 : 0
      case 'version':
        context.print(version)
        return 0
      case 'run':
        return await request.command.run({ ...request, context })
    }
  } catch (cause) {
    const error = asCodedError(cause)
    reportError(error, context)
    return exitCodeOf(error)
  }
}

/** Where a log in JSON is asked for, warnings and errors are entries of it. */
function warningContext(options: OptionValues, context: Context): Context {
  const format = textOption(options, 'log') ?? context.environment['FOGGARA_LOG']
  if (format !== 'json') return context
  const warn = (line: string): void => {
    context.print(entryJson(entryOf(`cli: ${line}`, {}, context.nowMs())))
  }
  return { ...context, warn }
}

/** Prints `CODE message` and the hint; the stack only when FOGGARA_DEBUG is set. */
export function reportError(error: unknown, context: Context): void {
  if (error instanceof FoggaraError) {
    context.warn(`${error.code} ${error.message}`)
    if (error.hint !== undefined) context.warn(`  hint: ${error.hint}`)
  } else {
    const message = error instanceof Error ? error.message : String(error)
    context.warn(`UNEXPECTED ${message.split('\n')[0] ?? ''}`)
    context.warn('  hint: this is a defect; set FOGGARA_DEBUG=1 to see where it comes from')
  }
  if (context.environment['FOGGARA_DEBUG'] === '1') {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      context.warn(cause.stack ?? cause.message)
    }
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

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 2
  if (error instanceof FoggaraError && error.code === 'RUN_ABORTED') return 130
  return error instanceof FoggaraError && error.retryable ? 75 : 1
}
