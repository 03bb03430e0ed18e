import { UsageError } from '../arguments.ts'
import { type Context, type OptionValues, flagOption } from '../command.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log/log-entry.ts'
import { openLog } from '../log/open-log.ts'
import { type Board, createBoard } from './board.ts'
import { type LiveScreen, openLiveScreen } from './live-screen.ts'
import { screenLines } from './screen-lines.ts'

/** How a service shows itself: its log, and a screen where there is a terminal. */
export type ServiceConsole = Disposable & {
  /** The context, which prints past the screen. */
  readonly context: Context
  readonly log: Log
  readonly board: Board
}

const DRAW_EVERY_MS = 500

/**
 * Opens the console of a service; dispose of it last.
 *
 * @throws {LiveUnavailableError} when a screen was asked for and there is no place for it.
 */
export function openConsole(
  config: Pick<Config, 'log'>,
  options: OptionValues,
  context: Context,
): ServiceConsole {
  const board = createBoard(context.nowMs)
  const screen = openScreen(config, options, context, board)
  const shown: Context =
    screen === undefined ? context : { ...context, print: screen.print, warn: screen.print }
  const log = openLog(shown, {
    format: config.log,
    isBrief: screen !== undefined,
    onEntry: ({ code, message }) => {
      if (code !== undefined) board.noteProblem(code, message)
    },
  })
  const timer = screen === undefined ? undefined : setInterval(screen.draw, DRAW_EVERY_MS)
  return {
    context: shown,
    log,
    board,
    [Symbol.dispose]: () => {
      clearInterval(timer)
      screen?.end()
    },
  }
}

function openScreen(
  config: Pick<Config, 'log'>,
  options: OptionValues,
  context: Context,
  board: Board,
): LiveScreen | undefined {
  const { terminal } = context
  const isAsked = flagOption(options, 'live')
  if (isAsked && terminal === undefined) throw new LiveUnavailableError('no terminal')
  if (isAsked && config.log === 'json') throw new LiveUnavailableError('a log in JSON')
  const isUnwanted = flagOption(options, 'no-live') || context.environment['TERM'] === 'dumb'
  if (terminal === undefined || config.log === 'json' || (isUnwanted && !isAsked)) return undefined
  const startMs = context.nowMs()
  return openLiveScreen(terminal, () =>
    screenLines(board.reading(), { startMs, nowMs: context.nowMs() }),
  )
}

/** A screen was asked for where none can be shown. */
export class LiveUnavailableError extends UsageError {
  constructor(found: string) {
    super('LIVE_UNAVAILABLE', `--live: expected a terminal to draw on, found ${found}`, {
      hint: 'Leave --live away; on a terminal the screen shows by itself.',
    })
  }
}
