/** Lets the platform deliver what waits, e.g. an abort, before a long computation goes on. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}
