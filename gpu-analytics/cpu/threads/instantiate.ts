/** The exports of the kernels; `cpu/kernel` documents what each does and expects. */
export type Kernels = {
  begin(): void
  iterate(thread: number, countMax: number): number
  pullSlab(thread: number): void
  applySlabs(thread: number): void
  flow(thread: number, countMax: number): number
  largestSource(sourcesAt: number, count: number): number
}

/** A compiled module: what it is, only the platform knows; it may be sent to threads. */
export type KernelModule = { readonly kernelModule: unique symbol }

/** A memory of the platform; shared ones may be sent to threads. */
export type KernelMemory = { readonly buffer: ArrayBuffer | SharedArrayBuffer }

/** The part of the platform's WebAssembly that is used; the language's own types do not have it. */
export type WasmPlatform = {
  compile(bytes: Uint8Array): Promise<KernelModule>
  instantiate(module: KernelModule, imports: object): Promise<{ readonly exports: Kernels }>
  readonly Memory: new (limits: {
    initial: number
    maximum: number
    shared: boolean
  }) => KernelMemory
}

/** WebAssembly, where the platform has it. */
export function webAssembly(): WasmPlatform | undefined {
  const platform = globalThis as unknown as { readonly WebAssembly?: WasmPlatform }
  return platform.WebAssembly
}

/** The kernels over a memory; `report` hears how many iterations are done. */
export async function instantiateKernels(
  module: KernelModule,
  memory: KernelMemory,
  report: (count: number) => void,
): Promise<Kernels> {
  const platform = webAssembly()
  if (platform === undefined) throw new TypeError('WebAssembly is missing')
  const { exports } = await platform.instantiate(module, { env: { memory, report } })
  return exports
}
