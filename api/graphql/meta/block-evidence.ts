import { type Pin, pinnedRelations, selectText } from '@foggara/schema'

import type { Statement } from '../../sql/statement.ts'

/** How many blocks have which evidence of completeness. */
export function blockEvidenceStatement(pin: Pin): Statement {
  const blocks = pinnedRelations(pin).relation('block_evidence')
  const counted = `(select evidence, count() as block_count from ${blocks} group by evidence)`
  const sql = selectText(
    [
      { name: 'evidence', type: 'String' },
      { name: 'block_count', type: 'UInt64' },
    ],
    counted,
  )
  return { sql: `${sql} order by source.evidence`, parameters: {}, limits: 'summary' }
}
