/** One option of a command: what `--help` says about it and how it is parsed. */
export type OptionSpec = {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What stands for the value in `--help`. */
  readonly placeholder?: string
  readonly description: string
}

/** One positional argument of a command. */
export type PositionalSpec = {
  readonly name: string
  readonly required: boolean
  /** Of the last one: any number may follow. */
  readonly repeats?: boolean
  readonly description: string
}

/** One line of a command's examples. */
export type Example = { readonly command: string; readonly meaning: string }

/** A command: everything that `--help` prints and how to run it. */
export type Command = {
  readonly name: string
  readonly summary: string
  /** Paragraphs: what it does and what to know about it. */
  readonly description: readonly string[]
  readonly positionals: readonly PositionalSpec[]
  readonly options: Readonly<Record<string, OptionSpec>>
  readonly examples: readonly Example[]
  /** What the exit code says, beyond {@link EXIT_CODES}. */
  readonly exitCodes?: Readonly<Record<number, string>>
  /** Runs it and gives the exit code. */
  readonly run: (invocation: Invocation) => Promise<number>
}

/** A parsed command line with the surroundings it runs in. */
export type Invocation = {
  readonly options: OptionValues
  readonly positionals: readonly string[]
  readonly context: Context
}

/** Options as they were given; absent ones are undefined. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>

/** What a command may touch of the outside: everything else stays a pure function. */
export type Context = {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder that relative paths start from. */
  readonly directory: string
  /** Prints a line on standard output. */
  readonly print: (line: string) => void
  /** Prints a line on standard error. */
  readonly warn: (line: string) => void
  readonly nowMs: () => number
  /** Aborted when the user asks to stop. */
  readonly stopped: AbortSignal
  /** Where the standard output is a terminal. */
  readonly terminal?: Terminal
}

/** A terminal that can be drawn on. */
export type Terminal = {
  readonly columns: () => number
  readonly rows: () => number
  readonly write: (text: string) => void
  readonly hasColour: boolean
}

/** What an exit code of `foggara` means; those above 2 are the system's (`sysexits.h`), or shells'. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done, or a service that was asked to stop',
  1: 'a difference was found, or the input, the settings or the state is wrong: mend it first',
  64: 'the command line was not understood',
  75: 'the surroundings failed; the same command may succeed later',
  130: 'stopped by the user before it was done',
}

/** The text value of an option, undefined when it was not given. */
export function textOption(options: OptionValues, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** Whether a flag was given. */
export function flagOption(options: OptionValues, name: string): boolean {
  return options[name] === true
}
