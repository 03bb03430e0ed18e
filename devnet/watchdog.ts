import { spawn } from 'node:child_process'

/**
 * Ends `pid` when this process ends, in whatever way; returns how to stop watching.
 *
 * A shell waits for the end of its standard input, which the system closes even when this process
 * is killed, and then kills `pid`.
 */
export function endTogether(pid: number): () => void {
  const script = 'while read -r line; do :; done; kill -9 "$0" 2>/dev/null'
  const shell = spawn('/bin/sh', ['-c', script, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return () => {
    shell.kill('SIGKILL')
    shell.stdin.destroy()
  }
}
