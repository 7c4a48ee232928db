/**
 * Bundles the package in the working directory from `src` into `dist`, beside the declarations that
 * `tsc -b` writes. Node resolves and reads every file of an import graph one by one, at about a
 * millisecond each (`pnpm bench import-cost`), so what an import of the package needs at once is one
 * file. What is imported lazily stays apart, and other packages stay imports.
 */
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

import { build } from 'esbuild'

const { name, exports, amorsize } = JSON.parse(readFileSync('package.json', 'utf8'))
const [mainEntry, ...otherEntries] = Object.values(exports).flatMap(
  (target) => target['@amorsize/source'] ?? [],
)

/** `instanceof` holds only where a class exists once: others take these from the main bundle. */
const CLASS_FILES = new Set(['errors.ts', 'amorsize-error.ts'])

/** Leaves lazy imports as imports of files of their own, and notes them. */
const lazyApart = (entry, lazyEntries) => ({
  name: 'lazy apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined
      const file = relative('.', join(resolveDir, path))
      lazyEntries.add(file)
      return { path: importPath(entry, relative('src', file)), external: true }
    })
  },
})

/**
 * Where bundles share chunks, makes one chunk of what the main one needs: every lazy bundle imports
 * all of it, so that esbuild sees no reason to divide it.
 */
const mainInOnePiece = {
  name: 'main in one piece',
  setup({ onResolve, onLoad }) {
    const lazyFiles = new Set()
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind === 'dynamic-import') lazyFiles.add(join(resolveDir, path))
    })
    onResolve({ filter: /^main entry$/ }, () => ({ path: resolve(mainEntry), sideEffects: true }))
    onLoad({ filter: /\.ts$/ }, ({ path }) =>
      lazyFiles.has(path)
        ? {
            contents: `${readFileSync(path, 'utf8')}\nexport * as main from 'main entry'\n`,
            loader: 'ts',
          }
        : undefined,
    )
  },
}

/** Lets the other bundles take the classes that callers compare with from the main one. */
const classesFromMain = {
  name: 'classes from main',
  setup({ onResolve, initialOptions }) {
    const [anyEntry] = initialOptions.entryPoints
    onResolve({ filter: /errors?\.ts$/ }, ({ path, kind }) =>
      kind === 'entry-point' || !CLASS_FILES.has(basename(path))
        ? undefined
        : { path: importPath(anyEntry, relative('src', mainEntry)), external: true },
    )
  },
}

function importPath(fromEntry, toSource) {
  const path = relative(relative('src', dirname(fromEntry)), toSource.replace(/\.ts$/, '.js'))
  return path.startsWith('.') ? path : `./${path}`
}

async function bundle(entryPoints, plugins) {
  if (entryPoints.length === 0) return
  await build({
    entryPoints,
    plugins,
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
}

// Names of shared chunks change with their content: without this, old ones would be published.
for (const file of readdirSync('dist', { recursive: true })) {
  if (/\.js(\.map)?$/.test(file)) rmSync(join('dist', file))
}
if (amorsize?.sharesState) await bundle([mainEntry, ...otherEntries], [mainInOnePiece])
else await bundleApart()
// What is loaded by URL, such as a worker, runs in a thread of its own and shares nothing.
for (const entry of amorsize?.entries ?? []) await bundle([entry], [])

/**
 * The main bundle in one file, and each that is loaded lazily in another, at the price of code that
 * is in both. Not for packages whose modules hold a state that both have to see (`sharesState`).
 */
async function bundleApart() {
  const lazyEntries = new Set()
  await bundle([mainEntry], [lazyApart(mainEntry, lazyEntries)])
  const laterEntries = new Set()
  for (const entry of [...lazyEntries, ...otherEntries]) {
    await bundle([entry], [lazyApart(entry, laterEntries), classesFromMain])
  }
  // What is needed seldom may be in several files, and shares what it can.
  const seldom = [...laterEntries].filter((entry) => !lazyEntries.has(entry))
  await bundle(seldom, [classesFromMain])
}
