/**
 * Bundles the package in the working directory from `src` into `dist`, beside the declarations that
 * `tsc -b` writes. Node resolves and reads every file of an import graph one by one, at about a
 * millisecond each (`pnpm bench import-cost`), so what an import of the package needs at once is one
 * file. What is imported lazily stays apart, and other packages stay imports.
 */
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
 * Where bundles share chunks, makes one chunk of what the main one needs, and one of each layer above
 * it: every lazy bundle imports all of those below it, so that esbuild sees no reason to divide them.
 */
const layersInOnePiece = {
  name: 'layers in one piece',
  setup({ onResolve, onLoad }) {
    const layers = [mainEntry, ...(amorsize.layers ?? [])].map((file) => resolve(file))
    const lazyFiles = new Set()
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind === 'dynamic-import') lazyFiles.add(join(resolveDir, path))
    })
    onResolve({ filter: /^layer \d+$/ }, ({ path }) => ({
      path: layers[Number(path.split(' ')[1])],
      sideEffects: true,
    }))
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!lazyFiles.has(path)) return undefined
      const level = layers.indexOf(path)
      const below = level < 0 ? layers : layers.slice(0, level)
      const all = below.map((_, index) => `export * from 'layer ${index}'`)
      return { contents: [readFileSync(path, 'utf8'), ...all].join('\n'), loader: 'ts' }
    })
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
    // Parsing is what an import costs most. Names stay: stack traces and messages show them.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  })
}

// Names of shared chunks change with their content: without this, old ones would be published.
for (const file of readdirSync('dist', { recursive: true })) {
  if (/\.js(\.map)?$/.test(file)) rmSync(join('dist', file))
}
if (amorsize?.sharesState) {
  await bundle([mainEntry, ...otherEntries], [layersInOnePiece])
  chunkForEntry('index.js')
} else await bundleApart()
// What is loaded by URL, such as a worker, runs in a thread of its own and shares nothing.
for (const entry of amorsize?.entries ?? []) await bundle([entry], [])
for (const file of readdirSync('dist', { recursive: true })) {
  if (file.endsWith('.js')) restoreClassNames(join('dist', file))
}

/**
 * A class that refers to itself becomes `X=class _X`, and that name is what `console.log` shows of its
 * objects. Replaced by as many columns, so that the source maps hold.
 */
function restoreClassNames(file) {
  const code = readFileSync(file, 'utf8')
  const names = [...code.matchAll(/\b(\w+)=class _\1\b/g)].map(([, className]) => className)
  const restored = names.reduce((text, className) => {
    const renamed = text.replace(
      new RegExp(`(?<![\\w$#"'\`])(?<!(?<!\\.\\.)\\.)_${className}\\b`, 'g'),
      ` ${className}`,
    )
    if (renamed.includes(`_${className}`))
      throw new Error(`${file} has a _${className} of its own.`)
    return renamed
  }, code)
  if (restored !== code) writeFileSync(file, restored)
}

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

/**
 * Puts the chunk in the place of the entry, which only passes on what is in it: a file less to load.
 * The chunk's exports for the lazy files are then beside the public ones, unknown to the types.
 */
function chunkForEntry(entry) {
  const text = readFileSync(`dist/${entry}`, 'utf8')
  const [, chunk] = /^import\{[^}]*\}from"\.\/([^"]+)";\s*export\{[^}]*\};\s/.exec(text) ?? []
  if (!chunk) throw new Error(`dist/${entry} does more than pass on one chunk.`)
  renameSync(`dist/${chunk}`, `dist/${entry}`)
  renameSync(`dist/${chunk}.map`, `dist/${entry}.map`)
  // As many columns as before, so that the source maps hold.
  const specifier = `"./${entry}"`.padEnd(`"./${chunk}"`.length)
  for (const file of readdirSync('dist').filter((path) => path.endsWith('.js'))) {
    const code = readFileSync(`dist/${file}`, 'utf8')
    const renamed = code.replaceAll(`"./${chunk}"`, specifier)
    writeFileSync(`dist/${file}`, renamed.replace(`=${chunk}.map`, `=${entry}.map`))
  }
}
