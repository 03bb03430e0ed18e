import { FatalError, FoggaraError, RetryableError } from '@foggara/schema'

/**
 * Runs something that uses files of a graph folder, so that what the file system says arrives as one
 * of the errors below.
 */
export async function withFolderErrors<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof FoggaraError || !isSystemError(cause)) throw cause
    if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') {
      throw new GraphFolderFullError(folder, cause)
    }
    throw new GraphFolderUnreadableError(folder, cause.code, cause)
  }
}

/** The code of an error of the file system, or undefined. */
export function systemCodeOf(error: unknown): string | undefined {
  return isSystemError(error) ? error.code : undefined
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/** The disk has no room for the graph; nothing of the attempt is kept. */
export class GraphFolderFullError extends RetryableError {
  constructor(folder: string, cause: unknown) {
    super('GRAPH_FOLDER_FULL', `${folder}: expected room for a graph, found a full disk`, {
      cause,
      hint: 'A build needs some 52 bytes per row of weighted edges while it runs; free some and repeat.',
    })
  }
}

/** The file system refuses a file of the graph. */
export class GraphFolderUnreadableError extends FatalError {
  constructor(folder: string, code: string, cause: unknown) {
    super('GRAPH_FOLDER_UNREADABLE', `${folder}: expected files that open, found ${code}`, {
      cause,
    })
  }
}

/** There is no finished graph in the folder. */
export class GraphFolderMissingError extends FatalError {
  constructor(folder: string) {
    super('GRAPH_FOLDER_MISSING', `${folder}: expected a finished graph, found none`, {
      hint: 'Build it; a build that was stopped leaves nothing and is simply repeated.',
    })
  }
}

/** Files of a graph are damaged or do not belong together. */
export class GraphFolderDamagedError extends FatalError {
  constructor(folder: string, expected: string, found: string) {
    super('GRAPH_FOLDER_DAMAGED', `${folder}: expected ${expected}, found ${found}`, {
      hint: 'Build the graph again.',
    })
  }
}

/** The memory that a build may use is too small for the nodes or for one group of rows. */
export class GraphFolderMemoryError extends FatalError {
  constructor(neededMib: number, memoryMib: number) {
    super(
      'GRAPH_FOLDER_MEMORY',
      `expected at least ${neededMib} MiB for the build, found a limit of ${memoryMib}`,
      { hint: 'Raise memoryMib.' },
    )
  }
}
