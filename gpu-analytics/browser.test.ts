import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Every source file that a page loads with the browser entry, and every package it imports. */
function reachable(): { files: Map<string, string>; packages: Set<string> } {
  const files = new Map<string, string>()
  const packages = new Set<string>()
  const pending = [join(import.meta.dirname, 'browser.ts')]
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(file)) continue
    const text = readFileSync(file, 'utf8')
    files.set(file, text)
    for (const [, specifier = ''] of text.matchAll(/^(?:import|export|\}) .*?from '([^']+)'$/gm)) {
      if (specifier.startsWith('.')) pending.push(join(dirname(file), specifier))
      else if (specifier === '#open-gpu')
        pending.push(join(import.meta.dirname, 'open-gpu-of-page.ts'))
      else if (specifier === '@foggara/schema') pending.push(join(ROOT, 'schema', 'index.ts'))
      else packages.add(specifier)
    }
  }
  return { files, packages }
}

test('a page that loads the browser entry needs nothing of Node', () => {
  const { files, packages } = reachable()
  expect(files.size).toBeGreaterThan(20)
  expect([...files.keys()].every((file) => existsSync(file))).toBe(true)
  expect([...packages].filter((name) => !/^(@noble\/hashes|viem|zod)(\/|$)/.test(name))).toEqual([])
  for (const [file, text] of files) {
    expect(text, file).not.toMatch(/\b(Buffer|process|require|__dirname)\b\s*[.(]/)
    expect(text, file).not.toContain('import.meta.dirname')
  }
})
