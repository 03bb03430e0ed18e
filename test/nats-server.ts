import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const CANDIDATES = [
  process.env['FOGGARA_NATS_SERVER'],
  '/usr/sbin/nats-server',
  '/usr/bin/nats-server',
  '/usr/local/bin/nats-server',
  '/opt/homebrew/bin/nats-server',
]

/** The path of a NATS server; Debian's is installed where this user may and there is none. */
export function ensureNatsServer(): string | undefined {
  const found = findNatsServer()
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const options = { stdio: 'ignore', env: environment } as const
    const wait = ['-o', 'DPkg::Lock::Timeout=120']
    const install = [...wait, 'install', '-y', '-qq', '--no-install-recommends', 'nats-server']
    // A list of packages is there already where another test installed something.
    if (spawnSync('apt-get', install, options).status !== 0) {
      spawnSync('apt-get', [...wait, 'update', '-qq'], options)
      spawnSync('apt-get', install, options)
    }
  }
  return findNatsServer()
}

function findNatsServer(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && path !== '' && existsSync(path))
}
