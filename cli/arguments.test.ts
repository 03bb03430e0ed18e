import { expect, test } from 'vitest'

import { parseArguments } from './arguments.ts'
import { COMMANDS } from './commands.ts'
import { commandHelp, overviewHelp } from './help.ts'
import { nearestName } from './nearest-name.ts'

const parse = (...args: string[]) => parseArguments(args, COMMANDS)

test('a command, its options and its arguments are taken apart', () => {
  const request = parse('verify', '3', '--engine', 'sql', '--json')
  expect(request).toMatchObject({
    type: 'run',
    options: { engine: 'sql', json: true },
    positionals: ['3'],
  })
})

test('help is asked for before, after or instead of a command', () => {
  expect(parse()).toMatchObject({ type: 'help' })
  expect(parse('--help')).toMatchObject({ type: 'help' })
  expect(parse('start', '-h')).toMatchObject({ type: 'help', command: { name: 'start' } })
  expect(parse('help', 'score')).toMatchObject({ type: 'help', command: { name: 'score' } })
})

test('a misspelled command or option is refused with the nearest name', () => {
  expect(() => parse('strat')).toThrowErrorMatchingInlineSnapshot(
    `[CommandUnknownError: expected a command, found "strat"]`,
  )
  expect(() => parse('start', '--prot', '1')).toThrowErrorMatchingInlineSnapshot(
    `[OptionUnknownError: start: expected a known option, found --prot]`,
  )
  const hint = expect.stringContaining('Did you mean --port?')
  expect(() => parse('start', '--porf', '1')).toThrow(expect.objectContaining({ hint }))
})

test('missing and superfluous values are refused', () => {
  expect(() => parse('start', '--port')).toThrowErrorMatchingInlineSnapshot(
    `[OptionMalformedError: --port: expected a value, found none]`,
  )
  expect(() => parse('start', '--port', '--host', 'x')).toThrowErrorMatchingInlineSnapshot(
    `[OptionMalformedError: --port: expected a value, found --host]`,
  )
  expect(() => parse('verify', '1', '--json=yes')).toThrowErrorMatchingInlineSnapshot(
    `[OptionMalformedError: --json: expected no value, found yes]`,
  )
  expect(() => parse('verify')).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: verify: expected EPOCH, found nothing]`,
  )
  expect(() => parse('verify', '1', '2')).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: verify: expected 1 argument(s), found also 2]`,
  )
})

test('every command explains itself with an example and fits the screen', () => {
  for (const command of COMMANDS) {
    const text = commandHelp(command)
    expect(text).toContain(`Usage: foggara ${command.name}`)
    expect(command.examples.length).toBeGreaterThan(0)
    expect(overviewHelp(COMMANDS)).toContain(command.summary)
    const isExample = (line: string) => line.startsWith('  $ ')
    const long = text.split('\n').filter((line) => line.length > 100 && !isExample(line))
    expect(long).toEqual([])
  }
})

test('a nearest name is offered only when it is near', () => {
  expect(nearestName('sevre', ['serve', 'score'])).toBe('serve')
  expect(nearestName('banana', ['serve', 'score'])).toBeUndefined()
})
