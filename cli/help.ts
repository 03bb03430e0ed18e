import { type Command, EXIT_CODES } from './command.ts'

const WIDTH = 92

/** The text of `foggara --help`. */
export function overviewHelp(commands: readonly Command[]): string {
  return [
    'foggara — provenance, attribution and reward splits that anyone can recompute',
    '',
    'Usage: foggara COMMAND [options]',
    '',
    'Commands:',
    ...table(commands.map((command) => [command.name, command.summary])),
    '',
    'Start here:',
    '  foggara start                a whole local economy with dashboards on port 4000',
    '  foggara verify 1             recompute the first epoch, in code and in SQL',
    '  foggara score --help         try the engine on your own files',
    '',
    'More: foggara COMMAND --help',
    'Every error has a code; set FOGGARA_DEBUG=1 for its stack.',
  ].join('\n')
}

/** The text of `foggara COMMAND --help`. */
export function commandHelp(command: Command): string {
  const positionals = command.positionals.map(({ name, required, repeats }) => {
    const shown = repeats === true ? `${name}…` : name
    return required ? ` ${shown}` : ` [${shown}]`
  })
  const lines = [
    `foggara ${command.name} — ${command.summary}`,
    '',
    `Usage: foggara ${command.name}${positionals.join('')} [options]`,
    '',
    ...command.description.flatMap((paragraph) => [...wrap(paragraph, WIDTH), '']),
  ]
  if (command.positionals.length > 0) {
    lines.push('Arguments:')
    lines.push(...table(command.positionals.map(({ name, description }) => [name, description])))
    lines.push('')
  }
  lines.push('Options:')
  lines.push(...table([...optionRows(command), ['-h, --help', 'this text']]))
  lines.push('', 'Examples:')
  for (const { command: line, meaning } of command.examples) {
    lines.push(`  $ ${line}`, ...wrap(meaning, WIDTH - 6).map((text) => `      ${text}`))
  }
  const exitCodes = { ...EXIT_CODES, ...command.exitCodes }
  lines.push('', 'Exit codes:')
  lines.push(...table(Object.entries(exitCodes)))
  return lines.join('\n')
}

function optionRows(command: Command): [string, string][] {
  return Object.entries(command.options).map(([name, option]) => {
    const short = option.short === undefined ? '' : `-${option.short}, `
    const value = option.type === 'string' ? ` ${option.placeholder ?? 'VALUE'}` : ''
    return [`${short}--${name}${value}`, option.description]
  })
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.min(30, Math.max(...rows.map(([name]) => name.length)))
  return rows.flatMap(([name, description]) => {
    const [first = '', ...rest] = wrap(description, WIDTH - width - 4)
    const indent = ' '.repeat(width + 4)
    const following = rest.map((line) => `${indent}${line}`)
    return name.length > width
      ? [`  ${name}`, `${indent}${first}`, ...following]
      : [`  ${name.padEnd(width)}  ${first}`, ...following]
  })
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
