import { type ClickHouseClient, createClient } from '@clickhouse/client'

export type { ClickHouseClient } from '@clickhouse/client'

/** Where a ClickHouse is and how to use it. */
export type ClientOptions = {
  /** `http://host:port` of the embedded database, a server or a load balancer. */
  readonly url: string
  readonly username: string
  readonly password: string
  /** Database that unqualified table names belong to; `default` when absent. */
  readonly database?: string
  /** Longest silence while waiting for an answer, in milliseconds; 60,000 by default. */
  readonly requestTimeoutMs?: number
  /** Most connections at the same time; further requests wait. 8 by default. */
  readonly maxOpenConnections?: number
}

/**
 * Opens the ordinary ClickHouse client with the product's settings; the caller closes it.
 *
 * It works the same against the embedded database and a server: wide integers and decimals
 * arrive as strings, and leaving an answer early cancels its query. On a server, a read-only user
 * needs the profile setting `readonly = 2`, since these settings travel with each request.
 */
export function openClient(options: ClientOptions): ClickHouseClient {
  return createClient({
    url: options.url,
    username: options.username,
    password: options.password,
    database: options.database ?? 'default',
    application: 'foggara',
    request_timeout: options.requestTimeoutMs ?? 60_000,
    max_open_connections: options.maxOpenConnections ?? 8,
    // A dropped query must not keep a connection that the server may be closing.
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    log: { level: SILENT },
    clickhouse_settings: {
      output_format_json_quote_64bit_integers: 1,
      output_format_json_quote_decimals: 1,
      cancel_http_readonly_queries_on_client_close: 1,
    },
  })
}

/** `ClickHouseLogLevel.OFF`: failures are raised, the caller decides what to log. */
const SILENT = 127
