/** What a kernel does with a buffer. */
export type Binding = 'uniform' | 'read' | 'write'

/** A compute kernel: WGSL with one entry point `main`, whose bindings of group 0 are numbered from 0. */
export type Kernel = {
  readonly name: string
  readonly code: string
  readonly bindings: readonly Binding[]
}

/** One buffer of a kernel: its name in the WGSL, the type of its contents and its use. */
export type KernelBuffer = {
  readonly name: string
  readonly type: string
  readonly binding: Binding
}

/** Puts a kernel together: the declarations of its buffers come from the same table as its layout. */
export function composeKernel(parts: {
  readonly name: string
  readonly subgroups?: boolean
  readonly buffers: readonly KernelBuffer[]
  readonly body: readonly string[]
}): Kernel {
  const declarations = parts.buffers.map(({ name, type, binding }, index) => {
    const space = { uniform: 'uniform', read: 'storage, read', write: 'storage, read_write' }
    return `@group(0) @binding(${index}) var<${space[binding]}> ${name}: ${type};`
  })
  const enable = parts.subgroups === true ? ['enable subgroups;'] : []
  return {
    name: parts.name,
    code: [...enable, ...declarations, ...parts.body].join('\n'),
    bindings: parts.buffers.map(({ binding }) => binding),
  }
}
