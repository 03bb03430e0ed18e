import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const CANDIDATES = [
  process.env['FOGGARA_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Flags that keep a headless Chromium quiet, offline and usable as root. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The same with WebGPU on Chromium's own software adapter. */
export const CHROMIUM_WEBGPU_FLAGS: string[] = [
  ...CHROMIUM_FLAGS.filter((flag) => flag !== '--disable-gpu'),
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
]

/** The path of an installed Chromium or Chrome, if there is one. */
export function findChromium(): string | undefined {
  return CANDIDATES.find((path) => path !== undefined && path !== '' && existsSync(path))
}

/** Finds Chromium, or installs Debian's when this user may; says what it did and what to do else. */
export function ensureChromium(say: (line: string) => void): string | undefined {
  const found = findChromium()
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('chromium: not found, installing the package "chromium" with apt-get (about a minute)')
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment })
    spawnSync('apt-get', ['install', '-y', '-qq', 'chromium'], {
      stdio: 'ignore',
      env: environment,
    })
  }
  const installed = findChromium()
  if (installed === undefined) {
    say('chromium: not found; browser tests will be skipped.')
    say('  Debian/Ubuntu: sudo apt-get install chromium    macOS: brew install --cask chromium')
    say('  or set FOGGARA_CHROMIUM to the path of a Chromium or Chrome')
  }
  return installed
}
