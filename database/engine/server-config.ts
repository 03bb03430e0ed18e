/** What the embedded engine may use of the machine. */
export type EngineLimits = {
  /** Memory of the whole engine in MiB; a query that would pass it fails with code 241. */
  readonly memoryMib: number
  /** Queries that run at the same time; further ones wait. */
  readonly concurrencyMax: number
  /** Bytes of the disk that inserts must leave free; below it they fail with code 243. */
  readonly keepFreeBytes: number
}

/**
 * The engine's configuration file: durability on, memory bounded, pools as small as two cores need.
 *
 * Both fsync settings are what makes an acknowledged row survive a power cut. The deduplication
 * window lets a client repeat an insert whose answer it never saw, under the same token.
 */
export function serverConfigXml(limits: EngineLimits): string {
  const memory = limits.memoryMib * MIB
  return `<clickhouse>
${elements({
  max_server_memory_usage: memory,
  mark_cache_size: Math.floor(memory / 32),
  index_mark_cache_size: MIB,
  uncompressed_cache_size: 0,
  index_uncompressed_cache_size: 0,
  mmap_cache_size: 100,
  compiled_expression_cache_size: 16 * MIB,
  compiled_expression_cache_elements_size: 256,
  background_pool_size: 2,
  background_merges_mutations_concurrency_ratio: 2,
  background_schedule_pool_size: 4,
  background_move_pool_size: 1,
  background_fetches_pool_size: 1,
  background_common_pool_size: 2,
  background_buffer_flush_schedule_pool_size: 1,
  background_message_broker_schedule_pool_size: 1,
  background_distributed_schedule_pool_size: 1,
  max_thread_pool_size: 200,
  max_thread_pool_free_size: 8,
  tables_loader_foreground_pool_size: 2,
  tables_loader_background_pool_size: 1,
})}
  <merge_tree>
${elements({
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  min_rows_to_fsync_after_merge: 1,
  non_replicated_deduplication_window: 1000,
  number_of_free_entries_in_pool_to_lower_max_size_of_merge: 1,
  number_of_free_entries_in_pool_to_execute_mutation: 1,
  number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 1,
})}
  </merge_tree>
  <storage_configuration><disks><default>
${elements({ keep_free_space_bytes: limits.keepFreeBytes })}
  </default></disks></storage_configuration>
</clickhouse>
`
}

/** Settings that every query starts from, as connection arguments. */
export function sessionArguments(limits: EngineLimits): string[] {
  const memory = limits.memoryMib * MIB
  return settingArguments({
    async_insert: 0,
    // A streamed answer holds several copies of one block: 65,409 wide rows would be 65 MB each.
    max_block_size: 16_384,
    // Parameters are set by statements of their own, however long their lists are.
    max_query_size: 32 * MIB,
    // Without a token, equal rows are rows that were meant; see `preparation` in the engine.
    deduplicate_insert: 'disable',
    deduplicate_insert_select: 'disable',
    max_memory_usage: Math.floor((memory * 3) / 5),
    max_bytes_before_external_group_by: Math.floor(memory / 4),
    max_bytes_before_external_sort: Math.floor(memory / 4),
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
  })
}

const MIB = 1024 * 1024

function settingArguments(settings: Readonly<Record<string, number | string>>): string[] {
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
}

function elements(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `  <${name}>${value}</${name}>`)
    .join('\n')
}
