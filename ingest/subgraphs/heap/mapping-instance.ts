import { NonDeterministicError } from '../failure.ts'
import { type Arena, AscHeap, type Pointer } from './asc-heap.ts'
import { CorruptModuleError } from './module-sections.ts'
import { FUEL_EXPORT, GROWN_EXPORT, rewriteModule, START_EXPORT } from './rewrite-module.ts'
import { openShortTexts } from './short-texts.ts'
import {
  type ImportedName,
  WASM,
  type WasmExports,
  type WasmFunction,
  type WasmGlobal,
  type WasmImports,
  type WasmMemory,
  type WasmModule,
} from './web-assembly.ts'

/** How much one handler may do; both are limits of this machine and not of the chain. */
export type HandlerLimits = {
  /** Calls of functions and turns of loops. */
  readonly fuel: bigint
  /** Pages of 64 KiB. */
  readonly memoryPageCountMax: number
}

/** Some ten seconds of work, and 256 MiB. */
export const HANDLER_LIMITS: HandlerLimits = {
  fuel: 4_000_000_000n,
  memoryPageCountMax: 4096,
}

/** A mapping's code, compiled once. */
export type MappingModule = {
  readonly module: WasmModule
  readonly imports: readonly ImportedName[]
  readonly exportNames: ReadonlySet<string>
  readonly globalNames: readonly string[]
  readonly hasStart: boolean
  readonly limits: HandlerLimits
}

/** Gives the function of that name, which may use the heap of the running instance. */
export type HostFunctions = (name: string) => WasmFunction

/** Above this size a memory is thrown away rather than cleared. */
const CLEARED_BYTES_MAX = 1 << 20
/** The host reads all of a handler's memory up to four times. */
const READ_BYTES_PER_PAGE_MAX = 4 * 65_536
const NEEDED_EXPORTS = ['memory', 'allocate', 'id_of_type', '_start']

/**
 * Compiles the code of a mapping of apiVersion 0.0.5 or later.
 *
 * @throws {CorruptModuleError}
 */
export function compileMapping(bytes: Uint8Array, limits = HANDLER_LIMITS): MappingModule {
  const rewritten = rewriteModule(bytes, limits.memoryPageCountMax)
  const module = compile(rewritten.bytes)
  const exportNames = new Set(WASM.Module.exports(module).map(({ name }) => name))
  const missing = NEEDED_EXPORTS.filter((name) => !exportNames.has(name))
  if (missing.length > 0) {
    throw new CorruptModuleError(
      `expected exports of AssemblyScript 0.19, found none named ${missing.join(', ')}`,
    )
  }
  const imports = WASM.Module.imports(module)
  const { globalNames, hasStart } = rewritten
  return { module, imports, exportNames, globalNames, hasStart, limits }
}

/**
 * One instance of a mapping that every handler finds in its first state.
 *
 * A new instance per handler costs more than the handler; instead memory and globals go back to what
 * they were after the start functions.
 */
export class MappingInstance {
  readonly #mapping: MappingModule
  readonly #functions: HostFunctions
  readonly #texts = openShortTexts()
  #exports: WasmExports = {}
  #memory: WasmMemory | undefined
  #fuel: WasmGlobal = { value: 0n }
  #grown: WasmGlobal = { value: 0 }
  #globals: readonly WasmGlobal[] = []
  #first: FirstState | undefined
  #isFirst = false
  #heap: AscHeap | undefined

  constructor(mapping: MappingModule, functions: HostFunctions) {
    this.#mapping = mapping
    this.#functions = functions
  }

  /** The heap of the instance; another one after {@link run}. */
  get heap(): AscHeap {
    if (this.#heap !== undefined) return this.#heap
    throw new NonDeterministicError('expected an open instance, found none')
  }

  /** Instantiates the mapping; its start functions may already call the host. */
  open(): void {
    this.#exports = new WASM.Instance(this.#mapping.module, this.#importObject()).exports
    this.#memory = this.#exports['memory'] as WasmMemory
    this.#fuel = this.#exports[FUEL_EXPORT] as WasmGlobal
    this.#grown = this.#exports[GROWN_EXPORT] as WasmGlobal
    this.#globals = this.#mapping.globalNames.map((name) => this.#exports[name] as WasmGlobal)
    this.#heap = new AscHeap(this.#exports, this.#texts)
    if (this.#first === undefined) this.#findFirstState()
    else this.#restore(this.#first)
    this.#isFirst = true
  }

  /**
   * Calls the exported `handler` with the object that `write` puts into the heap.
   *
   * @throws what the handler's host functions throw, a trap, or {@link NonDeterministicError}.
   */
  run(handler: string, write: (heap: AscHeap) => Pointer): void {
    this.#goToFirstState()
    this.#isFirst = false
    const call = this.#exports[handler]
    if (typeof call !== 'function') {
      throw new NonDeterministicError(
        `expected an exported handler ${handler}, found none`,
        'SUBGRAPH_HANDLER_MISSING',
      )
    }
    this.#fuel.value = this.#mapping.limits.fuel
    this.#grown.value = 0
    this.heap.limitReads(this.#mapping.limits.memoryPageCountMax * READ_BYTES_PER_PAGE_MAX)
    try {
      if (this.#first?.needsStart === true) this.#start()
      call(write(this.heap))
    } catch (error) {
      throw this.#limitError() ?? error
    }
  }

  /** Start functions that read the trigger, or fail, run again with every handler. */
  #findFirstState(): void {
    const before = this.#save(true)
    this.#fuel.value = this.#mapping.limits.fuel
    try {
      this.#start()
      this.#first = this.#save(false)
    } catch {
      this.#first = before
      this.#restore(before)
    }
  }

  #start(): void {
    if (this.#mapping.hasStart) callExport(this.#exports, START_EXPORT)
    callExport(this.#exports, '_start')
  }

  #save(needsStart: boolean): FirstState {
    const bytes = new Uint8Array(this.#memory?.buffer ?? new ArrayBuffer(0))
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end -= 1
    return {
      needsStart,
      bytes: bytes.slice(0, end),
      globals: this.#globals.map(({ value }) => value),
      arena: this.heap.arena(),
    }
  }

  #goToFirstState(): void {
    if (this.#isFirst || this.#first === undefined) return
    if ((this.#memory?.buffer.byteLength ?? 0) > CLEARED_BYTES_MAX) this.open()
    else this.#restore(this.#first)
  }

  #restore(state: FirstState): void {
    const memory = new Uint8Array(this.#memory?.buffer ?? new ArrayBuffer(0))
    memory.set(state.bytes)
    memory.fill(0, state.bytes.length)
    for (const [index, global] of this.#globals.entries()) {
      global.value = state.globals[index] ?? 0
    }
    this.heap.restoreArena(state.arena)
  }

  #limitError(): NonDeterministicError | undefined {
    const { fuel, memoryPageCountMax } = this.#mapping.limits
    if (this.#fuel.value === 0n) {
      return new NonDeterministicError(
        `expected a handler that ends within ${fuel} calls and turns of loops, found one that goes on`,
        'SUBGRAPH_HANDLER_ENDLESS',
        'Find the loop in the handler that does not end.',
      )
    }
    if (this.#grown.value !== -1) return undefined
    return new NonDeterministicError(
      `expected a handler that needs at most ${memoryPageCountMax * 64} KiB, found one that needs more`,
      'SUBGRAPH_HANDLER_MEMORY',
      'Find what the handler allocates without end.',
    )
  }

  #importObject(): WasmImports {
    const imports: Record<string, Record<string, WasmFunction>> = {}
    for (const { module, name } of this.#mapping.imports) {
      const functions = (imports[module] ??= {})
      functions[name] = this.#functions(name)
    }
    return imports
  }
}

type FirstState = {
  readonly needsStart: boolean
  readonly bytes: Uint8Array
  readonly globals: readonly (number | bigint)[]
  readonly arena: Arena
}

function callExport(exports: WasmExports, name: string): void {
  const call = exports[name]
  if (typeof call === 'function') call()
}

function compile(bytes: Uint8Array): WasmModule {
  try {
    return new WASM.Module(bytes)
  } catch (cause) {
    throw new CorruptModuleError('expected a module that compiles, found one that does not', cause)
  }
}
