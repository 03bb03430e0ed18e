import type { Command } from './command.ts'
import { lineageCommand } from './commands/lineage.ts'
import { scoreCommand } from './commands/score.ts'

/** Every command, in the order of `foggara --help`. */
export const COMMANDS: readonly Command[] = [scoreCommand, lineageCommand]
