/**
 * Everything that must hold on main, and one closing line `N passed, N failed` that counts every
 * test of every package, and every other check, as one.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const runs = join(root, '.turbo', 'runs')

/** Checks of the whole repository, quickest first; those of one package are turbo's. */
const REPOSITORY_CHECKS = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'unused code and dependencies', command: 'knip', args: [] },
  { name: 'documentation', command: process.execPath, args: ['scripts/check-docs.mjs'] },
]
const MESSAGE_LINES = 8
const PACKAGE_TASKS = ['build', 'typecheck', 'test', 'test:types', 'api', 'package']

const tally = { passed: 0, failed: 0, failures: [] }

// The packages come first: linting with types and running the documentation need their builds.
for (const task of runPackageTasks()) countTask(task)
for (const { name, command, args } of REPOSITORY_CHECKS) count(name, run(command, args) === 0)

for (const failure of tally.failures) console.log(`FAILED ${failure}`)
console.log(`${tally.passed} passed, ${tally.failed} failed`)
process.exitCode = tally.failed === 0 ? 0 : 1

function runPackageTasks() {
  rmSync(runs, { recursive: true, force: true })
  run('turbo', ['run', ...PACKAGE_TASKS, '--continue=always', '--summarize', '--log-order=grouped'])
  const [summary] = readdirSync(runs)
  return JSON.parse(readFileSync(join(runs, summary), 'utf8')).tasks
}

/** A package's `test` task stands for its single tests; without their report it is one failure. */
function countTask({ taskId, task, directory, command, execution, cache }) {
  if (command === '<NONEXISTENT>') return
  const isPassed = execution?.exitCode === 0 || cache?.status === 'HIT'
  if (task !== 'test') return count(taskId, isPassed)

  const tests = readTests(directory)
  for (const test of tests) count(`${taskId}: ${test.name}${test.message}`, test.isPassed)
  if (tests.length === 0 || (!isPassed && tests.every((test) => test.isPassed)))
    count(taskId, false)
}

function readTests(directory) {
  try {
    const report = JSON.parse(readFileSync(join(root, directory, 'reports', 'tests.json'), 'utf8'))
    return report.testResults.flatMap((file) =>
      file.assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ fullName, status, failureMessages }) => ({
          name: fullName,
          isPassed: status === 'passed',
          message: firstLines(failureMessages?.[0]),
        })),
    )
  } catch (error) {
    console.log(`No test report of ${directory}: ${error.message}`)
    return []
  }
}

/** What a test failed with, the lines of the stack that tell which assertion it was included. */
function firstLines(failureMessage) {
  const lines = failureMessage?.split('\n').slice(0, MESSAGE_LINES) ?? []
  return lines.map((line) => `\n  ${line}`).join('')
}

function count(name, isPassed) {
  if (isPassed) tally.passed++
  else {
    tally.failed++
    tally.failures.push(name)
  }
}

function run(command, args) {
  console.log(`\n> ${[command === process.execPath ? 'node' : command, ...args].join(' ')}`)
  const isWindows = process.platform === 'win32'
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: isWindows,
  })
  if (error) console.log(error.message)
  return status
}
