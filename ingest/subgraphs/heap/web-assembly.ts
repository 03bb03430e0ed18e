/** A compiled module; opaque. */
export type WasmModule = { readonly compiled: never }

/** A memory of an instance; its buffer is another one after it grew. */
export type WasmMemory = { readonly buffer: ArrayBuffer; grow(pageCount: number): number }

/** A mutable global of an instance. */
export type WasmGlobal = { value: number | bigint }

/** What an instance exports, by name. */
export type WasmExports = Readonly<Record<string, unknown>>

/** The functions that a module imports: of its module names, by name. */
export type WasmImports = Readonly<Record<string, Readonly<Record<string, WasmFunction>>>>

/** A function at the border of WebAssembly. */
export type WasmFunction = (...values: never[]) => unknown

/** The part of WebAssembly that the runtime uses; TypeScript declares it for browsers only. */
export type WasmPlatform = {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): readonly ImportedName[]
    exports(module: WasmModule): readonly { readonly name: string; readonly kind: string }[]
  }
  readonly Instance: new (
    module: WasmModule,
    imports?: WasmImports,
  ) => { readonly exports: WasmExports }
  readonly RuntimeError: new (message?: string) => Error
  readonly CompileError: new (message?: string) => Error
}

/** A name that a module imports. */
export type ImportedName = {
  readonly module: string
  readonly name: string
  readonly kind: string
}

/** WebAssembly of this process. */
export const WASM: WasmPlatform = (globalThis as unknown as { readonly WebAssembly: WasmPlatform })
  .WebAssembly
