import { expectTypeOf, test } from 'vitest'

import {
  execute,
  executeStream,
  moduleTask,
  optimize,
  predictParameters,
  updateModelFromExecution,
} from '@amorsize/core'
import type {
  ExecuteOptions,
  ExecutionResult,
  ItemOutcome,
  OptimizationResult,
  PredictionRequest,
} from '@amorsize/core'

test('results take the type that the task returns, awaited', () => {
  expectTypeOf(execute((item: number) => String(item), [1])).resolves.toEqualTypeOf<string[]>()
  expectTypeOf(execute(async (item: number) => item > 1, [1])).resolves.toEqualTypeOf<boolean[]>()
})

test('items take the type of the data, arrays and streams alike', () => {
  void execute((item) => expectTypeOf(item).toEqualTypeOf<string>(), new Set(['a']))
  async function* stream(): AsyncGenerator<Date> {
    yield new Date()
  }
  void execute((item) => expectTypeOf(item).toEqualTypeOf<Date>(), stream())
})

test('a text is no list of items', () => {
  const upper = (letter: string): string => letter.toUpperCase()
  // @ts-expect-error its letters may be
  void execute(upper, 'abc')
  // @ts-expect-error of a stream too
  executeStream(upper, 'abc')
  void execute(upper, 'abc'.split(''))
  void execute((byte: number) => byte + 1, new Uint8Array(2))
})

test('the context is the second argument', () => {
  void execute((item: number, context: { factor: number }) => item * context.factor, [1], {
    context: { factor: 2 },
  })
  void execute((item: number, context: { factor: number }) => item * context.factor, [1], {
    // @ts-expect-error a context of another type
    context: 2,
  })
})

test('a task that takes a context is not called without', () => {
  const scaled = (item: number, factor: number): number => item * factor
  const measured = { dataSize: 1, itemTimeMs: 1, nJobs: 1, chunkSize: 1, speedup: 1 }
  // @ts-expect-error no options
  void execute(scaled, [1])
  // @ts-expect-error options without it
  void execute(scaled, [1], { maxWorkers: 1 })
  // @ts-expect-error nor is a stream
  executeStream(scaled, [1])
  // @ts-expect-error nor is it decided about
  void optimize(scaled, [1])
  // @ts-expect-error nor foretold
  void predictParameters(scaled, { dataSize: 1 })
  // @ts-expect-error nor learned
  void updateModelFromExecution(scaled, measured)
  // @ts-expect-error the second argument is no index
  void execute(moduleTask<number, number, string>('/task.js'), [1])
  expectTypeOf(execute(scaled, [1], { context: 2 })).resolves.toEqualTypeOf<number[]>()
  void optimize(scaled, [1], { context: 2 })
  void predictParameters(scaled, { dataSize: 1, context: 2, example: [1, 2] })
  // @ts-expect-error the result comes second
  void predictParameters((word: string) => word.length, { dataSize: 1, example: [4, 'four'] })
  void predictParameters(async (word: string) => word.length, { dataSize: 1, example: ['a', 1] })
  const request: PredictionRequest = { dataSize: 1 }
  void predictParameters((word: string) => word.length, request)
  void updateModelFromExecution(scaled, { ...measured, context: 2 })
})

test('a context that may be left out may be', () => {
  const scaled = (item: number, factor?: number): number => item * (factor ?? 1)
  expectTypeOf(execute(scaled, [1])).resolves.toEqualTypeOf<number[]>()
  expectTypeOf(execute(scaled, [1], { context: 2 })).resolves.toEqualTypeOf<number[]>()
})

test('the context gives its type to a task that does not say it', () => {
  void execute((_, context) => expectTypeOf(context).toEqualTypeOf<{ factor: number }>(), [1], {
    context: { factor: 2 },
    onProgress: ({ done }) => expectTypeOf(done).toEqualTypeOf<number>(),
  })
})

test('options that are known only at run time give either', () => {
  const options: ExecuteOptions = {}
  expectTypeOf(execute((item: number) => item, [1], options)).resolves.toEqualTypeOf<
    (number | ItemOutcome<number>)[] | ExecutionResult<number, number | ItemOutcome<number>>
  >()
  const returnOptimizationResult: boolean = Math.random() > 0.5
  expectTypeOf(
    execute((item: number) => item, [1], { returnOptimizationResult }),
  ).resolves.toEqualTypeOf<number[] | ExecutionResult<number, number>>()
})

test('a module task carries its types', () => {
  const task = moduleTask<string, { size: number }>('/task.js')
  expectTypeOf(execute(task, ['a'])).resolves.toEqualTypeOf<{ size: number }[]>()
  // @ts-expect-error items of another type
  void execute(task, [1])
})

test('returnOptimizationResult changes what comes back', () => {
  const run = execute((item: number) => item, [1], { returnOptimizationResult: true })
  expectTypeOf(run).resolves.toEqualTypeOf<ExecutionResult<number, number>>()
  expectTypeOf(optimize((item: number) => item, [1])).resolves.toEqualTypeOf<
    OptimizationResult<number>
  >()
})

test('what cannot be mapped is refused', () => {
  // @ts-expect-error not iterable
  void execute((item: number) => item, 42)
  // @ts-expect-error an unknown option
  void execute((item: number) => item, [1], { maxWorker: 2 })
})

test('collected errors make each result an outcome', () => {
  const run = execute((item: number) => String(item), [1], { onError: 'collect' })
  expectTypeOf(run).resolves.toEqualTypeOf<ItemOutcome<string>[]>()
  expectTypeOf<ItemOutcome<string>>().toExtend<PromiseSettledResult<string>>()
  const whole = execute((item: number) => item, [1], {
    onError: 'collect',
    returnOptimizationResult: true,
  })
  expectTypeOf(whole).resolves.toEqualTypeOf<ExecutionResult<number, ItemOutcome<number>>>()
  expectTypeOf(execute((item: number) => item, [1], { onError: 'throw' })).resolves.toEqualTypeOf<
    number[]
  >()
})

test('a stream gives what the task returns, awaited, or outcomes', () => {
  const plain = executeStream(async (item: number) => String(item), new Set([1]))
  expectTypeOf(plain).toExtend<AsyncIterable<string>>()
  const collected = executeStream((item: number) => item, [1], { onError: 'collect' })
  expectTypeOf(collected).toExtend<AsyncIterable<ItemOutcome<number>>>()
  // @ts-expect-error a stream has no result to return at its end
  executeStream((item: number) => item, [1], { returnOptimizationResult: true })
})
