import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const README = join(import.meta.dirname, '../../../gpu-analytics/README.md')

/** A block of the package's README: the text between the fences that open with `language name`. */
export function readmeBlock(language: 'js' | 'text', name: string): string {
  const text = readmeText()
  const open = `\n\`\`\`${language} ${name}\n`
  const start = text.indexOf(open)
  if (start === -1) throw new Error(`expected a block ${language} ${name} in the README`)
  const first = start + open.length
  return text.slice(first, text.indexOf('```\n', first))
}

/** The package's README. */
export function readmeText(): string {
  return readFileSync(README, 'utf8')
}
