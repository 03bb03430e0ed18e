import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

import { expect, test } from 'vitest'

import { missingFrom } from './lock-file.ts'

/** Which package may import which, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  database: ['schema'],
  ingest: ['schema', 'database'],
  'gpu-analytics': ['schema'],
  api: ['schema', 'database', 'gpu-analytics'],
  dashboards: ['gpu-analytics/browser'],
  cli: ['schema', 'database', 'ingest', 'gpu-analytics', 'api', 'api/metrics'],
  devnet: ['schema', 'database', 'ingest', 'ingest/provider', 'gpu-analytics', 'api', 'cli'],
  subgraph: ['schema'],
}

const SOURCES = tracked().filter((path) => /\.(ts|tsx)$/.test(path) && !isGenerated(path))
const LIBRARY = SOURCES.filter((path) => isLibrary(path))

test('a package imports only what its place in the architecture allows', () => {
  const found = SOURCES.flatMap((path) => {
    const home = path.split('/')[0] ?? ''
    const allowed = MAY_IMPORT[home]
    if (allowed === undefined || isTest(path)) return []
    return imports(read(path))
      .filter((name) => name.startsWith('@foggara/'))
      .map((name) => name.slice('@foggara/'.length))
      .filter((name) => !mayImport(path, allowed, name))
      .map((name) => `${path} imports ${name}`)
  })
  expect(found).toEqual([])
})

test('no relative import leaves its package, and each ends in .ts or .tsx', () => {
  const found = SOURCES.flatMap((path) => {
    const home = path.split('/')[0] ?? ''
    if (MAY_IMPORT[home] === undefined) return []
    return imports(read(path))
      .filter((name) => name.startsWith('.'))
      .filter((name) => {
        const inside = normalize(join(dirname(path), name)).startsWith(`${home}/`)
        const leaves = isTest(path) ? false : !inside
        return leaves || !/\.(tsx?|css|json|js)$/.test(name)
      })
      .map((name) => `${path} imports ${name}`)
  })
  expect(found).toEqual([])
})

test('no file but a list of what a package exports is longer than 400 lines', () => {
  const long = tracked()
    .filter((path) => /\.(ts|tsx|sol|sql|css)$/.test(path) && !isGenerated(path))
    .filter((path) => !/^[\w-]+\/index\.ts$/.test(path))
    .map((path) => ({ path, lines: read(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 400)
  expect(long).toEqual([])
})

test('ARCHITECTURE.md stays under 300 lines', () => {
  expect(read('ARCHITECTURE.md').split('\n').length).toBeLessThan(300)
})

test('libraries read no clock, no randomness and no environment', () => {
  const reaches = /\b(Date\.now|new Date|Math\.random|process\.env)\b/
  expect(LIBRARY.filter((path) => reaches.test(withoutComments(read(path))))).toEqual([])
})

test('gpu-analytics knows no database, and no node module but to keep graphs in a folder', () => {
  const found = LIBRARY.filter((path) => path.startsWith('gpu-analytics/'))
    .filter((path) => !path.endsWith('/build-kernel.ts'))
    .filter((path) => !path.startsWith('gpu-analytics/graph/folder/'))
    .flatMap((path) =>
      imports(read(path))
        .filter((name) => name.startsWith('node:') || name.includes('clickhouse'))
        .map((name) => `${path} imports ${name}`),
    )
  expect(found).toEqual([])
})

test('every exported name has a sentence of documentation', () => {
  const found = LIBRARY.filter((path) => !path.endsWith('/index.ts')).flatMap((path) => {
    const lines = read(path).split('\n')
    return lines.flatMap((line, index) => {
      const name = /^export (?:async )?(?:function|class|abstract class) (\w+)/.exec(line)?.[1]
      if (name === undefined) return []
      return (lines[index - 1] ?? '').trim().endsWith('*/') ? [] : [`${path}: ${name}`]
    })
  })
  expect(found).toEqual([])
})

test('no source file is dead: every one is imported, is an entry or is a test', () => {
  const entries = new Set(
    tracked()
      .filter((path) => path.endsWith('package.json') || path.endsWith('index.html'))
      .flatMap((path) =>
        [...read(path).matchAll(/["'\s/]([\w./-]+\.tsx?)\b/g)].map(([, file]) =>
          normalize(join(dirname(path), file ?? '')),
        ),
      ),
  )
  const reached = new Set(
    SOURCES.flatMap((path) =>
      [...read(path).matchAll(/['"`]([^'"`\n]*\.tsx?)['"`]/g)].map(([, name]) =>
        normalize(join(dirname(path), name ?? '')),
      ),
    ),
  )
  const mentioned = SOURCES.map(read).join('\n')
  const dead = SOURCES.filter(
    (path) =>
      !isTest(path) &&
      !entries.has(path) &&
      !reached.has(path) &&
      !/(^|\/)(main|index|bin|browser)\.tsx?$/.test(path) &&
      !path.startsWith('bench/') &&
      !path.endsWith('.config.ts') &&
      !mentioned.includes(`'${path}'`),
  )
  expect(dead).toEqual([])
})

test('documents name only files and npm scripts that exist', () => {
  const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts
  const found = tracked()
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => {
      const text = read(path).replace(/```[\s\S]*?```/g, '')
      const files = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.?\w*)\/?`/g)]
        .map(([, name]) => name ?? '')
        .filter(
          (name) =>
            MAY_IMPORT[name.split('/')[0] ?? ''] !== undefined || /^(test|bench|docs)\//.test(name),
        )
        .filter((name) => !existsSync(name))
      const unknown = [...read(path).matchAll(/npm run ([\w:-]+)/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => scripts[name] === undefined)
      return [...files, ...unknown].map((name) => `${path}: ${name}`)
    })
  expect(found).toEqual([])
})

test('nothing is left for later in a comment, and no test is switched off without a reason', () => {
  const marker = new RegExp(['TO', 'DO|FIX', 'ME|X', 'XX'].join(''))
  expect(SOURCES.filter((path) => marker.test(read(path)))).toEqual([])
  const silent = SOURCES.filter(
    (path) => isTest(path) && /\b(test|it|describe)\.(skip|only|todo)\(/.test(read(path)),
  )
  expect(silent.filter((path) => !path.endsWith('tidy.test.ts'))).toEqual([])
})

test('the lock file lets npm install where a registry lacks other platforms’ packages', () => {
  const lock: { packages: Parameters<typeof missingFrom>[0] } = JSON.parse(
    read('package-lock.json'),
  )
  expect(missingFrom(lock.packages), 'run: npm run lock').toEqual([])
})

function tracked(): readonly string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && existsSync(path))
}

function read(path: string): string {
  return readFileSync(path, 'utf8')
}

function isGenerated(path: string): boolean {
  return (
    path.startsWith('devnet/artifacts/') ||
    path.endsWith('.wasm.ts') ||
    /^(gpu-analytics\/(cpu|graph)|ingest\/(subgraphs\/poi|receipts\/hash))\/kernel\/|^ingest\/subgraphs\/testing\/mapping\//.test(
      path,
    ) ||
    /^(subgraph|test\/oracle\/[a-z-]+)\/mappings\//.test(path)
  )
}

function isTest(path: string): boolean {
  return (
    /\.(test|fuzz|bench)\.tsx?$/.test(path) ||
    /(^|\/)test\//.test(path) ||
    path.startsWith('bench/')
  )
}

function isLibrary(path: string): boolean {
  const home = path.split('/')[0] ?? ''
  return (
    MAY_IMPORT[home] !== undefined &&
    !isTest(path) &&
    !['cli', 'dashboards', 'devnet'].includes(home) &&
    !path.endsWith('/main.ts')
  )
}

/** `cli` loads devnet only on demand: a dynamic import, never a static one. */
function mayImport(path: string, allowed: readonly string[], name: string): boolean {
  if (name === path.split('/')[0]) return true
  if (allowed.includes(name)) return true
  const lazily = new RegExp(`import\\(\\s*'@foggara/${name}'`)
  const statically = new RegExp(`from '@foggara/${name}'`)
  const text = read(path).replace(/import type [^\n]*/g, '')
  return path.startsWith('cli/') && name === 'devnet' && lazily.test(text) && !statically.test(text)
}

function imports(text: string): readonly string[] {
  return [...withoutComments(text).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, name]) => name ?? '',
  )
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1')
}
