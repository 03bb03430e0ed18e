import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { openPortGate } from './port-gate.ts'

test('a gate keeps one address while what is behind it changes', async () => {
  await using gate = await openPortGate('127.0.0.1', 0)
  const url = `http://127.0.0.1:${gate.port}/`
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  const first = await answering('first')
  gate.open(first.port)
  expect(await (await fetch(url)).text()).toBe('first')
  gate.shut()
  await expect(fetch(url)).rejects.toThrow('fetch failed')
  await first.close()
  const second = await answering('second')
  gate.open(second.port)
  expect(await (await fetch(url)).text()).toBe('second')
  await second.close()
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})

test('a gate on a port in use is refused by its code', async () => {
  await using gate = await openPortGate('127.0.0.1', 0)
  await expect(openPortGate('127.0.0.1', gate.port)).rejects.toThrow(
    expect.objectContaining({ code: 'PORT_IN_USE' }),
  )
})

async function answering(text: string) {
  const server = createServer((_, response) => response.end(text))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: (server.address() as AddressInfo).port, close }
}
