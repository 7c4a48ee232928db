import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

import { build } from 'esbuild'
import { expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url))

async function bundleForBrowser(format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format,
    globalName: 'features',
    minifyWhitespace: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports)

  expect(imports.filter(({ external }) => external)).toEqual([])
  return outputFiles[0]!.text
}

test('the pure half is bundled for a browser without any import of Node', async () => {
  const text = await bundleForBrowser('esm')

  expect(text).not.toMatch(/node:|\bprocess\.|\brequire\(/)
})

test('the bundle runs where there is nothing but the language', async () => {
  const script = `${await bundleForBrowser('iife')}
    const vector = features.toVector({ dataSize: 1000, itemTimeMs: 1, physicalCores: 64,
      availableMemoryBytes: 1e9, startMethod: 'spawn' })
    JSON.stringify([...vector, features.distance(vector, vector)])`

  const result: unknown = vm.runInNewContext(script)

  expect(result).toBe('[0.4,0.5,0.5,0,1,0,0,0,0]')
})
