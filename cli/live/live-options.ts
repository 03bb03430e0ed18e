import type { OptionSpec } from '../command.ts'

/** The options of a command that shows itself on a screen. */
export const LIVE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  live: { type: 'boolean', description: 'show a screen of what goes on (default on a terminal)' },
  'no-live': { type: 'boolean', description: 'print plain lines on a terminal too' },
}
