/**
 * Bundles each entry of the package in the working directory from `src` into one file of `dist`,
 * beside the declarations that `tsc -b` writes. Node resolves and reads every file of an import
 * graph one by one: as 145 files `@amorsize/core` took four times as long to import as bundled
 * (`pnpm bench import-cost`). Other packages stay imports; what is imported lazily stays lazy.
 */
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { build } from 'esbuild'

const { name, exports, amorsize } = JSON.parse(readFileSync('package.json', 'utf8'))
/** Code that is loaded by URL, such as a worker, is an entry that `exports` does not list. */
const entryPoints = [
  ...Object.values(exports).flatMap((target) => target['@amorsize/source'] ?? []),
  ...(amorsize?.entries ?? []),
]

// Names of shared chunks change with their content: without this, old ones would be published.
for (const file of readdirSync('dist', { recursive: true })) {
  if (/\.js(\.map)?$/.test(file)) rmSync(join('dist', file))
}

await build({
  entryPoints,
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunk-[hash]',
  packages: 'external',
  format: 'esm',
  platform: name === '@amorsize/knn' ? 'neutral' : 'node',
  target: 'node20.19',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})
