/** Lets the event loop answer others, and hear that a run shall stop. */
export function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}
