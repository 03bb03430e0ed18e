import { readFileSync } from 'node:fs'
import path from 'node:path'

import { expect, test } from 'vitest'

import { DOCUMENT_FOLDER, generate, problemsOf, readDocuments, readSchema } from './generate.ts'

test('every operation is valid under the committed schema', () => {
  expect(problemsOf(readSchema(), readDocuments())).toEqual([])
})

test('the typed operations are those of the documents and the schema of today', () => {
  const modules = generate(readSchema(), readDocuments())
  expect(modules.length).toBeGreaterThan(8)
  for (const { file, text } of modules) {
    const committed = readFileSync(path.join(DOCUMENT_FOLDER, file), 'utf8')
    expect(bare(committed), `${file}: run node dashboards/graphql/generate.ts`).toBe(bare(text))
  }
})

/** Without what formatting may change: white space, and punctuation that depends on it. */
function bare(text: string): string {
  return text.replaceAll(/\s+/g, '').replaceAll(/[;,()|]/g, '')
}
