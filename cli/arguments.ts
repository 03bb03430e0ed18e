import { parseArgs } from 'node:util'

import { FatalError } from '@foggara/schema'

import type { Command, OptionValues } from './command.ts'
import { suggestion } from './nearest-name.ts'

/** What the command line asks for. */
export type Request =
  | { readonly type: 'help'; readonly command: Command | undefined }
  | { readonly type: 'version' }
  | {
      readonly type: 'run'
      readonly command: Command
      readonly options: OptionValues
      readonly positionals: readonly string[]
    }

/**
 * Parses the arguments after `foggara` against a table of commands.
 *
 * @throws {CommandUnknownError | OptionUnknownError | OptionMalformedError | ArgumentError}
 */
export function parseArguments(args: readonly string[], commands: readonly Command[]): Request {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h') {
    return { type: 'help', command: undefined }
  }
  if (name === '--version' || name === '-v') return { type: 'version' }
  if (name === 'help') {
    const about = rest[0]
    return { type: 'help', command: about === undefined ? undefined : named(about, commands) }
  }
  const command = named(name, commands)
  return parseCommand(rest, command)
}

function named(name: string, commands: readonly Command[]): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  throw new CommandUnknownError(
    name,
    commands.map((candidate) => candidate.name),
  )
}

function parseCommand(args: readonly string[], command: Command): Request {
  const known = Object.entries(command.options).map(
    ([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }] as const,
  )
  const parsed = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(known), help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const options: Record<string, string | boolean> = {}
  for (const token of parsed.tokens) {
    if (token.kind !== 'option') continue
    if (token.name === 'help') return { type: 'help', command }
    const spec = command.options[token.name]
    if (spec === undefined) throw new OptionUnknownError(token.rawName, command)
    if (spec.type === 'boolean' && token.value !== undefined) {
      throw new OptionMalformedError(`--${token.name}`, 'no value', token.value)
    }
    if (spec.type === 'string' && (token.value === undefined || looksLikeOption(token))) {
      throw new OptionMalformedError(`--${token.name}`, 'a value', token.value ?? 'none')
    }
    options[token.name] = token.value ?? true
  }
  checkPositionals(parsed.positionals, command)
  return { type: 'run', command, options, positionals: parsed.positionals }
}

function looksLikeOption(token: {
  readonly value?: string
  readonly inlineValue?: boolean
}): boolean {
  return token.inlineValue !== true && (token.value ?? '').startsWith('--')
}

function checkPositionals(found: readonly string[], command: Command): void {
  const missing = command.positionals[found.length]
  if (missing !== undefined && missing.required) {
    throw new ArgumentError(`${command.name}: expected ${missing.name}, found nothing`, command)
  }
  const extra = found[command.positionals.length]
  if (extra !== undefined && command.positionals.at(-1)?.repeats !== true) {
    throw new ArgumentError(
      `${command.name}: expected ${command.positionals.length} argument(s), found also ${extra}`,
      command,
    )
  }
}

/** The command line cannot be understood: exit code 64. */
export class UsageError extends FatalError {}

/** There is no such command. */
export class CommandUnknownError extends UsageError {
  constructor(found: string, names: readonly string[]) {
    super('COMMAND_UNKNOWN', `expected a command, found ${JSON.stringify(found)}`, {
      hint: `${suggestion(found, names)} See: foggara --help`,
    })
  }
}

/** A command has no such option. */
export class OptionUnknownError extends UsageError {
  constructor(found: string, command: Command) {
    const names = Object.keys(command.options).map((name) => `--${name}`)
    super('OPTION_UNKNOWN', `${command.name}: expected a known option, found ${found}`, {
      hint: `${suggestion(found, names)} See: foggara ${command.name} --help`,
    })
  }
}

/** An option's value is missing, superfluous or of the wrong form. */
export class OptionMalformedError extends UsageError {
  constructor(option: string, expected: string, found: string, hint?: string) {
    super(
      'OPTION_MALFORMED',
      `${option}: expected ${expected}, found ${found}`,
      hint === undefined ? {} : { hint },
    )
  }
}

/** An argument is missing or one too many. */
export class ArgumentError extends UsageError {
  constructor(message: string, command: Command) {
    super('ARGUMENT_UNEXPECTED', message, { hint: `See: foggara ${command.name} --help` })
  }
}
