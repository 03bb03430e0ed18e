import { RULE_SENTENCES, openViolationsSql } from '@foggara/schema'

import type { Reader } from '../../sql/reader.ts'
import { builder } from '../builder.ts'

type RuleState = {
  readonly name: string
  readonly sentence: string
  readonly state: (typeof STATES)[number]
  readonly checkedAtBlock: number | null
  readonly violations: readonly RuleViolation[]
}

type RuleViolation = {
  readonly subject: string
  readonly expected: string
  readonly found: string
  readonly sinceBlock: number
}

const STATES = ['holds', 'broken', 'unchecked'] as const

/** Violations of all rules in one answer. */
const VIOLATIONS_MAX = 200

const STATE = builder.enumType('RuleStatus', {
  description:
    'holds: nothing contradicts it. broken: something does. unchecked: nothing can be said.',
  values: STATES,
})

const VIOLATION = builder.objectRef<RuleViolation>('RuleViolation').implement({
  description: 'What contradicts a rule.',
  fields: (t) => ({
    subject: t.string({
      description: 'What it is about: a contract, an account, an epoch.',
      resolve: ({ subject }) => subject,
    }),
    expected: t.exposeString('expected'),
    found: t.exposeString('found'),
    sinceBlock: t.field({
      type: 'SafeInt',
      description: 'The newest indexed block when it was found.',
      resolve: ({ sinceBlock }) => sinceBlock,
    }),
  }),
})

/** A rule with what is known of it. */
export const RULE = builder.objectRef<RuleState>('Rule').implement({
  description: 'What must hold of the stored rows; the service checks it again and again.',
  fields: (t) => ({
    name: t.exposeString('name'),
    sentence: t.exposeString('sentence'),
    state: t.field({ type: STATE, resolve: ({ state }) => state }),
    checkedAtBlock: t.field({
      type: 'SafeInt',
      nullable: true,
      description: 'The newest indexed block when it was checked last; null before the first time.',
      resolve: ({ checkedAtBlock }) => checkedAtBlock,
    }),
    violations: t.field({
      type: [VIOLATION],
      description: `What contradicts it at the block; of all rules together the first ${VIOLATIONS_MAX}.`,
      resolve: ({ violations }) => [...violations],
    }),
  }),
})

/**
 * Every rule with its violations as of the block that is read. States are those of the last check, like
 * everything that the running service says of itself.
 */
export async function ruleStates(from: Reader): Promise<readonly RuleState[]> {
  const [status] = await from.rows({
    sql: "select value from status where key = 'rules' order by at_ms desc limit 1",
    parameters: {},
    isLive: true,
  })
  const rows = await from.rows({
    sql: `select * from (${openViolationsSql(from.pin.block)}) as open
      order by rule, subject, opened_block limit ${VIOLATIONS_MAX}`,
    parameters: {},
    isLive: true,
  })
  const checked = checkedOf(String(status?.['value'] ?? '{}'))
  return RULE_SENTENCES.map(({ name, sentence }) => {
    const violations = rows
      .filter((row) => row['rule'] === name)
      .map((row) => ({
        subject: String(row['subject']),
        expected: String(row['expected_text']),
        found: String(row['found_text']),
        sinceBlock: Number(row['opened_block']),
      }))
    const last = STATES.find((state) => state === checked.states[name]) ?? 'unchecked'
    // As of an older block only the rows tell: what is broken now may not have been then.
    const state = violations.length > 0 ? 'broken' : last === 'broken' ? 'holds' : last
    return { name, sentence, state, checkedAtBlock: checked.checkedAtBlock, violations }
  })
}

function checkedOf(json: string): {
  readonly checkedAtBlock: number | null
  readonly states: Readonly<Record<string, unknown>>
} {
  const fields: unknown = JSON.parse(json)
  const known = new Map<string, unknown>(
    typeof fields === 'object' && fields !== null ? Object.entries(fields) : [],
  )
  const block = known.get('checkedAtBlock')
  const states = known.get('states')
  return {
    checkedAtBlock: typeof block === 'number' ? block : null,
    states: typeof states === 'object' && states !== null ? { ...states } : {},
  }
}
