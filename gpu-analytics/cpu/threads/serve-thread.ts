import {
  type KernelMemory,
  type KernelModule,
  type Kernels,
  instantiateKernels,
} from './instantiate.ts'

/** The kernels that all threads run together. */
export type ThreadCommand = 'iterate' | 'pullSlab' | 'applySlabs' | 'flow'

export type ThreadRequest =
  | {
      readonly type: 'start'
      readonly thread: number
      readonly module: KernelModule
      readonly memory: KernelMemory
    }
  | { readonly type: 'run'; readonly command: ThreadCommand; readonly countMax: number }

export type ThreadReply =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly count: number }
  | { readonly type: 'done'; readonly returned: number }
  | { readonly type: 'failed'; readonly message: string }

/** A thread's side of the conversation: runs the kernels that it is asked to. */
export function serveThread(
  reply: (message: ThreadReply) => void,
): (request: ThreadRequest) => Promise<void> {
  let kernels: Kernels | undefined
  let thread = 0
  const report = (count: number): void => reply({ type: 'progress', count })
  return async (request) => {
    try {
      if (request.type === 'start') {
        thread = request.thread
        kernels = await instantiateKernels(request.module, request.memory, report)
        reply({ type: 'ready' })
      } else if (kernels !== undefined) {
        const returned = kernels[request.command](thread, request.countMax) ?? 0
        reply({ type: 'done', returned })
      }
    } catch (cause) {
      reply({ type: 'failed', message: cause instanceof Error ? cause.message : String(cause) })
    }
  }
}
