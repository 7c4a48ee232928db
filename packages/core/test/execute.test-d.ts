import { expectTypeOf, test } from 'vitest'

import { execute, executeStream, moduleTask, optimize } from '@amorsize/core'
import type { ExecutionResult, ItemOutcome, OptimizationResult } from '@amorsize/core'

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

test('the context is the second argument', () => {
  void execute((item: number, context: { factor: number }) => item * context.factor, [1], {
    context: { factor: 2 },
  })
  void execute((item: number, context: { factor: number }) => item * context.factor, [1], {
    // @ts-expect-error a context of another type
    context: 2,
  })
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
