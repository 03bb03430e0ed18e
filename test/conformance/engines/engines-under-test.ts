import { command, insertRowBinary, queryRows, startScratchDatabase } from '@foggara/database'
import {
  type RankEngine,
  type SqlForm,
  type WebGpuEngineOptions,
  clickHouseSession,
  createSqlEngine,
  createWasmEngine,
  createWebGpuEngine,
  openDuckDbSession,
  openNodeGpu,
  referenceEngine,
} from '@foggara/gpu-analytics'

import { HAS_SOFTWARE_GPU } from '../../software-gpu.ts'
import { createStreamedEngine } from './streamed-engine.ts'

/** How large a case is; an engine may leave large ones out. */
export type CaseSize = 'small' | 'medium' | 'large'

/** What a cell of the matrix asks of an engine. */
export type Cell = { readonly measure: 'rank' | 'flow'; readonly size: CaseSize }

/** An engine that may own something to give back. */
export type OpenedEngine = RankEngine & { readonly close?: () => unknown }

/** A way to run an engine that the matrix has a column for. */
export type EngineUnderTest = {
  readonly name: string
  readonly open: () => Promise<OpenedEngine>
  /** Why a cell is left out; undefined when it is run. */
  readonly skip: (cell: Cell) => string | undefined
}

export const ENGINES_UNDER_TEST: readonly EngineUnderTest[] = [
  { name: 'reference', open: async () => referenceEngine, skip: () => undefined },
  onWasm(1),
  onWasm(2),
  {
    name: 'wasm, edges streamed',
    open: () => createStreamedEngine(256),
    skip: ({ measure }) => (measure === 'flow' ? 'no flow is streamed' : undefined),
  },
  onSoftwareGpu('subgroups', {}),
  onSoftwareGpu('no subgroups', { subgroups: 'never' }),
  onSoftwareGpu('slabs of 256 edges', {
    slabEdgeCountMax: 256,
    workgroupSize: 64,
    groupsAcrossMax: 3,
    batchIterationCount: 3,
  }),
  onDuckDb('one statement'),
  onDuckDb('scaling'),
  onClickHouse('one statement'),
  onClickHouse('scaling'),
]

function onWasm(threads: number): EngineUnderTest {
  return {
    name: `wasm, ${threads} thread${threads === 1 ? '' : 's'}`,
    open: () => createWasmEngine({ threads }),
    skip: () => undefined,
  }
}

function onSoftwareGpu(variant: string, layout: WebGpuEngineOptions): EngineUnderTest {
  return {
    name: `webgpu, ${variant}`,
    open: async () =>
      createWebGpuEngine(await openNodeGpu(), { ...layout, allowFallbackAdapter: true }),
    skip: ({ measure, size }) => {
      if (!HAS_SOFTWARE_GPU) return 'no Vulkan driver of Chromium found'
      return variant !== 'subgroups' && measure === 'flow' && size === 'large'
        ? 'a million amounts of 128 bits take half a minute in software'
        : undefined
    },
  }
}

function onDuckDb(form: SqlForm): EngineUnderTest {
  return {
    name: `duckdb, ${form}`,
    open: async () => {
      const session = await openDuckDbSession({ threadCount: 2 })
      const close = () => session[Symbol.asyncDispose]()
      return { ...createSqlEngine(session, { form }), close }
    },
    skip: (cell) => tooLargeFor(form, cell),
  }
}

function onClickHouse(form: SqlForm): EngineUnderTest {
  return {
    name: `clickhouse, ${form}`,
    open: async () => {
      const scratch = await startScratchDatabase()
      const { writer } = scratch
      const session = clickHouseSession({
        query: (sql, { signal }) => queryRows(writer, sql, {}, abortable(signal)),
        run: (sql, { signal }) => command(writer, sql, {}, abortable(signal)),
        insertRowBinary: (table, columns, rows) => insertRowBinary(writer, table, columns, rows),
      })
      const close = () => scratch[Symbol.asyncDispose]()
      return { ...createSqlEngine(session, { form }), close }
    },
    skip: (cell) => tooLargeFor(form, cell),
  }
}

function tooLargeFor(form: SqlForm, { size }: Cell): string | undefined {
  return form === 'one statement' && size === 'large'
    ? 'one statement keeps every row of every iteration, which a million edges make too many'
    : undefined
}

function abortable(signal: AbortSignal | undefined) {
  return signal === undefined ? {} : { abortSignal: signal }
}
