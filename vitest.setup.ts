import { afterEach, beforeEach, expect, vi } from 'vitest'

/** A library that prints unasked is a fault: every `console` call of a test must be expected by it. */
const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const

beforeEach(() => {
  for (const method of METHODS) vi.spyOn(console, method)
})

afterEach(() => {
  const printed = METHODS.flatMap((method) => {
    const spy = vi.mocked(console[method])
    return vi.isMockFunction(spy)
      ? spy.mock.calls.map((call) => `${method}: ${call.join(' ')}`)
      : []
  })
  vi.restoreAllMocks()

  expect(printed, 'a test must not leave output on the console').toEqual([])
})
