/**
 * Runs a package script on a machine that has only Node, npm and git: fetches the pinned pnpm
 * through npx, installs the dependencies from the lockfile, then hands over to the script.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url)))
const script = process.argv[2]
if (script === undefined) throw new Error('Usage: node scripts/with-setup.mjs <package script>')

/** Settings of the npm that called us are not settings of the pnpm we call. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name)),
)
Object.assign(environment, {
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  NPM_CONFIG_UPDATE_NOTIFIER: 'false',
})

pnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only')
pnpm('run', '--silent', script)

function pnpm(...args) {
  const command = ['--yes', '--loglevel=error', packageManager, ...args]
  const isWindows = process.platform === 'win32'
  const { status, signal, error } = spawnSync(isWindows ? 'npx.cmd' : 'npx', command, {
    cwd: root,
    env: environment,
    stdio: 'inherit',
    shell: isWindows,
  })
  if (error) throw error
  if (signal) process.kill(process.pid, signal)
  if (status !== 0) process.exit(status ?? 1)
}
