import { type View, columns } from './view.ts'

/**
 * What waits in quarantine and what waited, with how it ended; what came again may wait again. The
 * provider is the one that it names: only what `signed_conflict` and findings hold is proven to be signed by it.
 */
export const QUARANTINE_VIEW: View = {
  name: 'quarantined_submission',
  key: ['hash'],
  columns: columns({
    hash: 'FixedString(32)',
    digest: 'FixedString(32)',
    kind: 'String',
    provider: 'FixedString(20)',
    code: 'String',
    reason: 'String',
    received_at_seconds: 'UInt64',
    is_waiting: 'Bool',
    outcome: 'String',
    outcome_code: 'String',
    released_at_seconds: 'Nullable(UInt64)',
  }),
  sql: (from) => `
    select
      waiting.id as hash,
      waiting.digest as digest,
      waiting.kind as kind,
      waiting.provider as provider,
      waiting.code as code,
      waiting.reason as reason,
      waiting.received_at_seconds as received_at_seconds,
      cast(waiting.waits > released.ends, 'Bool') as is_waiting,
      if(is_waiting, '', released.last_outcome) as outcome,
      if(is_waiting, '', released.last_code) as outcome_code,
      if(is_waiting, null, toNullable(released.last_seconds)) as released_at_seconds
    from (
      select
        id,
        any(came.digest) as digest,
        any(came.kind) as kind,
        any(came.provider) as provider,
        argMax(came.code, (came.received_at_seconds, came.code)) as code,
        argMax(came.reason, (came.received_at_seconds, came.code)) as reason,
        max(came.received_at_seconds) as received_at_seconds,
        count() as waits
      from ${from.relation('quarantined_receipt')} as came
      group by id
    ) as waiting
    left join (
      select
        id,
        argMax(toString(outcome), released_at_seconds) as last_outcome,
        argMax(toString(code), released_at_seconds) as last_code,
        max(released_at_seconds) as last_seconds,
        count() as ends
      from ${from.relation('quarantine_release')}
      group by id
    ) as released on released.id = waiting.id`,
}

/** What was refused, once for each second in which it came, with the provider that it names, if any. */
export const REFUSAL_VIEW: View = {
  name: 'refused_submission',
  key: ['received_at_seconds', 'code', 'hash'],
  columns: columns({
    received_at_seconds: 'UInt64',
    code: 'LowCardinality(String)',
    hash: 'FixedString(32)',
    provider: 'FixedString(20)',
    kind: 'String',
    reason: 'String',
    body: 'String',
    times: 'UInt64',
  }),
  sql: (from) => `
    select
      received_at_seconds,
      toString(code) as code,
      toFixedString(SHA256(body), 32) as hash,
      toFixedString(
        unhex(if(${IS_BATCH}, substring(body, 103, 40), substring(${CLAIMED}, 3, 40))),
        20
      ) as provider,
      if(${IS_BATCH}, 'batch', 'receipt') as kind,
      min(reason) as reason,
      body,
      count() as times
    from ${from.relation('rejected_receipt')}
    group by received_at_seconds, code, body`,
}

/** A batch is kept as hex of its beginning; the provider stands in the first word of its header. */
const IS_BATCH = `match(body, '^0x46475242[0-9a-f]{132,}$')`

/** The provider of a receipt's JSON; empty when it is no address. */
const CLAIMED = `extract(JSONExtractString(body, 'provider'), '^0x[0-9a-fA-F]{40}$')`

export const REFUSAL_VIEWS: readonly View[] = [QUARANTINE_VIEW, REFUSAL_VIEW]
