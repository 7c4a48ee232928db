/**
 * Runs every benchmark of this folder, or those whose names are given. They measure the sources, whose
 * inner parts the published bundle does not show; esbuild turns them into JavaScript first.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

const folder = fileURLToPath(new URL('.', import.meta.url))
const outdir = fileURLToPath(new URL('../reports/bench', import.meta.url))
const wanted = process.argv.slice(2)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .filter((file) => wanted.length === 0 || wanted.includes(file.replace('.bench.mjs', '')))

await build({
  entryPoints: names.map((name) => `${folder}/${name}`),
  outdir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
})
for (const name of names) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', `${outdir}/${name}`], {
    stdio: 'inherit',
  })
  if (status !== 0) process.exitCode = 1
}
