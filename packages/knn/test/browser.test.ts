import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'

import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../dist/index.js', import.meta.url))
const readme = fileURLToPath(new URL('../README.md', import.meta.url))

describe('the built package, bundled for a browser,', () => {
  let script = ''
  let inputs: string[] = []

  beforeAll(async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'knn',
      metafile: true,
      write: false,
      logLevel: 'silent',
    })
    script = outputFiles[0]!.text
    inputs = Object.keys(metafile.inputs)
  })

  test('holds its own files alone, and names nothing of Node', () => {
    expect(inputs).not.toEqual([])
    for (const input of inputs) expect(input).toMatch(/dist\/[\w-]+\.js$/)
    expect(script).not.toMatch(/node:|\bprocess\b|\brequire\b|\bBuffer\b|\bglobal\b/)
  })

  test('predicts in a world that has nothing but the language', () => {
    const world = createContext({})
    const program = `
      const predictor = new knn.KnnPredictor({ dimensions: 2, targets: { y: {} } })
      for (let i = 0; i < 900; i++) predictor.add({ features: [i / 900, 0.5], targets: { y: i } })
      const again = knn.KnnPredictor.fromJSON(JSON.stringify(predictor))
      const tracker = new knn.AccuracyTracker()
      const calibrator = new knn.Calibrator()
      const { targets, confidence } = again.predict([0.5, 0.5])
      tracker.record({ predicted: targets, actual: { y: 450 }, confidence })
      calibrator.record({ confidence, observed: true })
      again.tune({ maxQueries: 5 })
      String(targets.y)
    `

    expect(runInContext(`${script}\n${program}`, world)).toBe('450')
  })

  test('runs the example of the README there, as it stands', async () => {
    const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(readme, 'utf8')) ?? []
    const { outputFiles } = await build({
      stdin: { contents: `${example}\nexport { again, parcel }`, loader: 'ts', resolveDir: '.' },
      alias: { '@amorsize/knn': entry },
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'example',
      write: false,
      logLevel: 'silent',
    })

    const world = createContext({})
    runInContext(outputFiles[0]!.text, world)

    const hours = 'String(example.again.predict(example.parcel).targets.hours)'
    expect(runInContext(hours, world)).toBe('16')
  })
})
