type Platform = { readonly setImmediate?: (call: () => void) => void }

/** Lets the event loop answer others, and hear that a run shall stop. */
export function yieldToOthers(): Promise<void> {
  const { setImmediate: soon } = globalThis as unknown as Platform
  return new Promise((resolve) => {
    if (soon === undefined) setTimeout(resolve, 0)
    else soon(resolve)
  })
}
