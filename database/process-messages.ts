/** The one line a starting database process writes: where it listens, or why it does not. */
export type FromDatabase =
  | { readonly ready: true; readonly url: string; readonly port: number; readonly pid: number }
  | { readonly ready: false; readonly code: string; readonly text: string }

/** Reads a line of the database process; `undefined` when it is not such a message. */
export function parseFromDatabase(line: string): FromDatabase | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('ready' in value)) return undefined
  if (value.ready === true && 'url' in value && 'port' in value && 'pid' in value) {
    const { url, port, pid } = value
    if (typeof url === 'string' && typeof port === 'number' && typeof pid === 'number') {
      return { ready: true, url, port, pid }
    }
  }
  if (value.ready === false && 'code' in value && 'text' in value) {
    return { ready: false, code: String(value.code), text: String(value.text) }
  }
  return undefined
}
