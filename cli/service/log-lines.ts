import type { Context } from '../command.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log/log-entry.ts'
import { openLog } from '../log/open-log.ts'

/** Prints lines with the seconds since the start in front, or as JSON where the settings say so. */
export function timedLog(context: Context, config: Pick<Config, 'log'> = { log: 'text' }): Log {
  return openLog(context, { format: config.log })
}
