import { expect, test } from 'vitest'

import { openProvider } from './chain/rpc-provider.ts'
import { watchProviders } from './progress.ts'

test('a provider that is left alone is named once, and once more when it is back', () => {
  let clockMs = 1_000
  const [first, second] = ['http://one.example/key', 'http://two.example/key'].map((url) =>
    openProvider({
      url,
      chainId: 1,
      nowMs: () => clockMs,
      sleep: () => Promise.resolve(),
      signal: new AbortController().signal,
    }),
  )
  if (first === undefined || second === undefined) throw new Error('two were opened')
  const alone = watchProviders(() => [first.report()])
  const changes = watchProviders(() => [first.report(), second.report()])
  expect(changes()).toEqual([])
  first.setAside('another provider has another block 7')
  expect([changes(), changes(), alone()]).toEqual([
    [`PROVIDER_OUT_OF_USE ${first.id}: another provider has another block 7`],
    [],
    [],
  ])
  clockMs += 60_000
  expect(changes()).toEqual([`provider ${first.id} is in use again`])
  expect(first.id).toMatch(/^http:\/\/one\.example\/… #[0-9a-f]{6}$/)
})
