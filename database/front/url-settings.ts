import { ClickHouseException } from '../engine/exception.ts'
import type { Access } from '../engine/gate.ts'

/** What the query string of a request asks of the engine. */
export type UrlSettings = {
  readonly settings: ReadonlyMap<string, string>
  readonly parameters: ReadonlyMap<string, string>
}

/**
 * Splits a query string into settings and parameters; words of the HTTP protocol are left out.
 *
 * A reader may lower its limits and choose how values are written, nothing else: raises
 * {@link ClickHouseException} 164 for other settings.
 */
export function urlSettings(query: URLSearchParams, access: Access): UrlSettings {
  const settings = new Map<string, string>(access === 'reader' ? READER_SETTINGS : [])
  const parameters = new Map<string, string>()
  for (const [name, value] of query) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value)
    else if (PROTOCOL_WORDS.test(name)) continue
    else if (access === 'writer') settings.set(name, value)
    else settings.set(name, readerSetting(name, value))
  }
  return { settings, parameters }
}

const PROTOCOL_WORDS = new RegExp(
  `^(?:${[
    'query|query_id|database|default_format|user|password|role|quota_key|stacktrace|buffer_size',
    'session_(?:id|timeout|check|timezone)|client_protocol_version|add_http_cors_header|http_\\w+',
    'enable_http_compression|compress|decompress|wait_end_of_query|send_progress\\w*',
    'cancel_http_readonly_queries_on_client_close',
  ].join('|')})$`,
  'u',
)

/** What a reader starts from: no statement of a reader can hold the database for long. */
const READER_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['max_execution_time', '30'],
  ['max_result_rows', '2000000'],
  ['max_result_bytes', '536870912'],
  ['max_rows_to_read', '0'],
  ['max_bytes_to_read', '0'],
  ['max_memory_usage', '402653184'],
  ['max_threads', '4'],
])

function readerSetting(name: string, value: string): string {
  if (/^output_format_\w+$|^(?:extremes|date_time_output_format)$/u.test(name)) return value
  const limit = READER_SETTINGS.get(name)
  const wanted = Number(value)
  const isLower = limit === '0' || (wanted > 0 && wanted <= Number(limit))
  if (limit !== undefined && /^\d+(?:\.\d+)?$/u.test(value) && isLower) return value
  if (limit !== undefined) return limit
  const text = `reader: Cannot modify '${name.slice(0, 64)}' setting in readonly mode.`
  throw new ClickHouseException(164, 'READONLY', text)
}
