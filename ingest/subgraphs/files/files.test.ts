import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { bytesToBase58 } from '../host/conversions.ts'
import { type FileServer, startFileServer } from '../testing/file-server.ts'
import { parseContentId } from './content-id.ts'
import { parseContentPath } from './content-path.ts'
import { type FileMonitor, type FileName, openFileMonitor } from './file-monitor.ts'
import { encodeBase32 } from './multibase.ts'

const SEED = { seed: 20_260_801 }
/** What `ipfs add` answers for this text in graph-node's own test. */
const EXAMPLE = { text: 'EXAMPLE_1', name: 'QmYiiCtcXmSHXN3m2nyqLaTM7zi81KjVdZ9WXkcrCKrkjr' }
const DEADLINE_MS = 5_000

test('names of files are read as graph-node reads them', () => {
  const first = 'QmVkvoPGi9jvvuxsHDVJDgzPEzagBaWSZRYoRDzU244HjZ'
  const second = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
  const names: readonly (readonly [string, string | undefined])[] = [
    [first, first],
    [` /ipfs/${first}/ `, first],
    [`ipfs://${second}/a/b.json`, `${second}/a/b.json`],
    [`https://gateway.example/ipfs/${first}/x`, `${first}/x`],
    [`https://node.example/api/v0/cat?arg=${first}`, first],
    [second.toUpperCase(), second],
    [`${first}?x=1`, undefined],
    [`${first}/a?x=1`, undefined],
    ['no file at all', undefined],
    [first.slice(1), undefined],
    ['', undefined],
  ]
  for (const [given, expected] of names) expect(parseContentPath(given)?.text).toBe(expected)
})

test('an id is the same in each base that writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest) => {
      const bytes = Uint8Array.of(1, 0x55, 0x12, 0x20, ...digest)
      const plain = Buffer.from(bytes)
      const text = `b${encodeBase32(bytes)}`
      const base36 = `k${BigInt(`0x${plain.toString('hex')}`).toString(36)}`
      const others = [`f${plain.toString('hex')}`, base36, `u${plain.toString('base64url')}`]
      for (const other of [text, text.toUpperCase(), ...others]) {
        expect(parseContentId(other)?.text).toBe(text)
      }
    }),
    SEED,
  )
})

test('a file of one block is found whether the gateway gives away blocks or files', async () => {
  await using server = await startFileServer()
  const content = Buffer.from(EXAMPLE.text)
  const path = `/ipfs/${EXAMPLE.name}?format=raw`
  for (const body of [content, nodeBlock(2, [], content)]) {
    server.bodies.set(path, body)
    expect(await found(server, { kind: 'ipfs', name: EXAMPLE.name })).toEqual(content)
  }
  server.bodies.set(`/ipfs/${rawId(content)}?format=raw`, content)
  expect(await found(server, { kind: 'ipfs', name: rawId(content) })).toEqual(content)
})

test('a file in pieces and folders is put together from blocks that were each checked', async () => {
  await using server = await startFileServer()
  const pieces = ['a long ', 'file ', 'in pieces'].map((text) => Buffer.from(text))
  const links = pieces.map((piece) => {
    server.bodies.set(`/ipfs/${rawId(piece)}?format=raw`, piece)
    return { name: '', id: Buffer.from([1, 0x55, 0x12, 0x20, ...sha256(piece)]) }
  })
  const file = nodeBlock(2, links)
  const fileName = put(server, file)
  const folder = nodeBlock(1, [
    { name: 'other', id: Buffer.from([0x12, 0x20, ...sha256(Buffer.from('other'))]) },
    { name: 'long.txt', id: Buffer.from([0x12, 0x20, ...sha256(file)]) },
  ])
  const folderName = put(server, folder)
  const whole = Buffer.concat(pieces)
  expect(await found(server, { kind: 'ipfs', name: fileName })).toEqual(whole)
  expect(await found(server, { kind: 'ipfs', name: `${folderName}/long.txt` })).toEqual(whole)
  const [first = Buffer.alloc(0)] = pieces
  server.bodies.set(`/ipfs/${rawId(first)}?format=raw`, Buffer.from('a short '))
  expect(await reasonOf(server, { kind: 'ipfs', name: fileName })).toContain('found others')
  expect(await reasonOf(server, { kind: 'ipfs', name: `${folderName}/none` })).toContain(
    'found none',
  )
  expect(await reasonOf(server, { kind: 'ipfs', name: folderName })).toContain('found a folder')
})

test('a file waits and says why: no gateway, no file, other bytes, too many, a redirect away', async () => {
  await using server = await startFileServer()
  await using other = await startFileServer()
  const content = Buffer.alloc(2000, 1)
  const name = rawId(content)
  const path = `/ipfs/${name}?format=raw`
  const file = { kind: 'ipfs', name } as const
  expect(await reasonOf(undefined, file)).toBe('expected a gateway for ipfs, found none')
  expect(await reasonOf(server, file)).toBe('expected the file, found the HTTP status 404')
  server.bodies.set(path, Buffer.from('lies'))
  expect(await reasonOf(server, file)).toContain('expected the bytes that')
  server.bodies.set(path, content)
  expect(await reasonOf(server, file, 1999)).toBe('expected at most 1999 bytes, found more')
  other.bodies.set(path, content)
  server.answers.set(path, (response) =>
    response.writeHead(302, { location: other.url + path }).end(),
  )
  expect(await reasonOf(server, file)).toContain('found a redirect')
  expect(other.asked).toEqual([])
  server.answers.set(path, (response) => response.writeHead(302, { location: '/here' }).end())
  server.bodies.set('/here', content)
  expect(await found(server, file)).toEqual(content)
  const secret = { kind: 'arweave', name: `${'a'.repeat(43)}/../../secret` } as const
  expect(await reasonOf(server, secret)).toContain('expected the id of a transaction')
})

test('a file that comes late is found after a pause', async () => {
  await using server = await startFileServer()
  const content = Buffer.from('late')
  const name = 'Z'.repeat(43)
  const pauses: number[] = []
  const sleep = async (durationMs: number) => {
    pauses.push(durationMs)
    if (pauses.length === 3) server.bodies.set(`/${name}`, content)
  }
  const monitor = monitorOf(server, sleep)
  monitor.watch({ kind: 'arweave', name })
  await until(() => monitor.found().length === 1)
  expect(pauses).toEqual([5_000, 10_000, 20_000])
  expect(monitor.waiting()).toEqual([])
  monitor.forget({ kind: 'arweave', name })
  expect(monitor.found()).toEqual([])
})

function monitorOf(
  server: FileServer | undefined,
  sleep: (durationMs: number) => Promise<void>,
  byteLengthMax?: number,
): FileMonitor {
  const urls = server === undefined ? [] : [server.url]
  const limit = byteLengthMax === undefined ? {} : { byteLengthMax }
  const { signal } = new AbortController()
  return openFileMonitor({ gateways: { ipfs: urls, arweave: urls }, sleep, signal, ...limit })
}

async function found(server: FileServer, file: FileName): Promise<Uint8Array | undefined> {
  const monitor = monitorOf(server, forEver)
  monitor.watch(file)
  await until(() => monitor.found().length > 0)
  return monitor.found()[0]?.bytes
}

async function reasonOf(
  server: FileServer | undefined,
  file: FileName,
  byteLengthMax?: number,
): Promise<string | undefined> {
  const monitor = monitorOf(server, forEver, byteLengthMax)
  monitor.watch(file)
  await until(() => server === undefined || monitor.waiting()[0]?.attemptCount === 1)
  return monitor.waiting()[0]?.reason
}

function forEver(): Promise<void> {
  return new Promise(() => undefined)
}

async function until(isThere: () => boolean): Promise<void> {
  const end = performance.now() + DEADLINE_MS
  while (!isThere()) {
    if (performance.now() > end) throw new TypeError('expected it in time, found nothing')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

function rawId(content: Uint8Array): string {
  return `b${encodeBase32(Uint8Array.of(1, 0x55, 0x12, 0x20, ...sha256(content)))}`
}

/** Stores a node under its id of version 1, and gives the id. */
function put(server: FileServer, block: Uint8Array): string {
  const id = `b${encodeBase32(Uint8Array.of(1, 0x70, 0x12, 0x20, ...sha256(block)))}`
  server.bodies.set(`/ipfs/${id}?format=raw`, block)
  const first = bytesToBase58(Uint8Array.of(0x12, 0x20, ...sha256(block)))
  server.bodies.set(`/ipfs/${first}?format=raw`, block)
  return id
}

type Link = { readonly name: string; readonly id: Uint8Array }

function nodeBlock(type: number, links: readonly Link[], content?: Uint8Array): Buffer {
  const body = content === undefined ? [] : [field(2, content), Buffer.from([0x18, content.length])]
  const unix = Buffer.concat([Buffer.from([8, type]), ...body])
  const linked = links.map(({ name, id }) =>
    field(2, Buffer.concat([field(1, id), field(2, Buffer.from(name))])),
  )
  return Buffer.concat([...linked, field(1, unix)])
}

function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes])
}
