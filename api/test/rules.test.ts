import { afterAll, beforeAll, expect, test } from 'vitest'

import { insertTestRows } from '../../test/insert-rows.ts'
import { type ApiFixture, startApiFixture } from './api-fixture.ts'
import { HEAD_BLOCK } from './economy-names.ts'

let api: ApiFixture

beforeAll(async () => {
  api = await startApiFixture()
})
afterAll(() => api[Symbol.asyncDispose]())

const RULES = 'rules { name state checkedAtBlock violations { subject found sinceBlock } }'

async function ruleNamed(name: string, at = HEAD_BLOCK) {
  const { data } = await api.query(`{ _meta(at: { number: ${at} }) { ${RULES} } }`)
  return data._meta.rules.find((rule: { readonly name: string }) => rule.name === name)
}

test('a rule is unchecked at first, then holds or is broken as of the block that is read', async () => {
  expect(await ruleNamed('epoch-identity')).toEqual({
    name: 'epoch-identity',
    state: 'unchecked',
    checkedAtBlock: null,
    violations: [],
  })
  const states = { 'epoch-identity': 'broken', 'blocks-follow': 'holds' }
  const value = JSON.stringify({ checkedAtBlock: 139, states })
  const { writer } = api.scratch
  await insertTestRows(writer, 'status', [{ key: 'rules', value, at_ms: 5 }])
  const violation = { rule: 'epoch-identity', subject: 'epoch 1', expected: '1', found: '2' }
  await insertTestRows(writer, 'rule_violation', [
    { ...violation, opened_block: 120 },
    { ...violation, subject: 'epoch 2', opened_block: 110 },
    { ...violation, subject: 'epoch 2', opened_block: 110, closed_block: 130 },
  ])
  expect(await ruleNamed('blocks-follow')).toMatchObject({ state: 'holds', checkedAtBlock: 139 })
  const about = async (at: number): Promise<readonly string[]> =>
    (await ruleNamed('epoch-identity', at)).violations.map(
      (one: { readonly subject: string }) => one.subject,
    )
  expect(await about(HEAD_BLOCK)).toEqual(['epoch 1'])
  expect(await about(125)).toEqual(['epoch 1', 'epoch 2'])
  expect(await about(115)).toEqual(['epoch 2'])
  expect(await ruleNamed('epoch-identity', 100)).toMatchObject({ state: 'holds', violations: [] })
})
