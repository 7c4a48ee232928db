/**
 * Runs every `ts` fence of every README and design note, each in a process of its own against the
 * built packages. `expression // => value` in a fence is an assertion. A link to a file that does
 * not exist is a failure too.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { transformSync } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Inside the repository, so that `@amorsize/…` resolves as it would for a user. */
const scratch = join(root, 'reports', 'docs')
const FENCE_TIMEOUT_MS = 120_000

const listing = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root })
const documents = listing.stdout
  .toString()
  .split('\n')
  .filter((file) => file !== '' && !/CHANGELOG|\.changeset|\.api\.md|fixtures/.test(file))

rmSync(scratch, { recursive: true, force: true })
mkdirSync(scratch, { recursive: true })

const problems = []
let fences = 0
for (const document of documents) {
  const text = readFileSync(join(root, document), 'utf8')
  problems.push(...brokenLinks(document, text))
  for (const fence of fencesOf(text)) {
    fences++
    const output = runFence(fence.code)
    if (output !== undefined) problems.push(`${document}:${fence.line}\n${output}`)
  }
}

rmSync(scratch, { recursive: true, force: true })
console.log(`${documents.length} documents, ${fences} examples, ${problems.length} problems`)
for (const problem of problems) console.log(problem)
process.exitCode = problems.length === 0 ? 0 : 1

function fencesOf(text) {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    code: match[1],
    line: text.slice(0, match.index).split('\n').length,
  }))
}

function runFence(code) {
  const file = join(scratch, 'example.mjs')
  const { code: script } = transformSync(withAssertions(code), { loader: 'ts', format: 'esm' })
  writeFileSync(file, script)
  const cache = mkdtempSync(join(scratch, 'cache-'))
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [file], {
    cwd: scratch,
    env: { ...process.env, AMORSIZE_CACHE_DIR: cache },
    timeout: FENCE_TIMEOUT_MS,
  })
  if (status === 0) return undefined
  return `${error?.message ?? `exit code ${status}`}\n${stdout}${stderr}`
}

function withAssertions(code) {
  const asserted = code.replaceAll(
    /^(.*\S)\s*\/\/ => (.+)$/gm,
    (_, expression, value) => `assertEqual(${expression.replace(/;$/, '')}, ${value})`,
  )
  return `import { deepStrictEqual as assertEqual } from 'node:assert'\n${asserted}`
}

function brokenLinks(document, text) {
  return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)\s#]+)/g)]
    .map((match) => match[1])
    .filter((target) => !existsSync(join(root, dirname(document), target)))
    .map((target) => `${relative('.', document)}: link to a missing file: ${target}`)
}
