/** Names that a function may use without declaring them. */
import { HELPER_NAMES } from './compiler-helpers.ts'

/** Looks like a global in `node -e` and in the REPL, but belongs to the script. */
const OF_THE_SCRIPT = new Set(['require', 'module', 'exports', '__filename', '__dirname'])

/**
 * Globals that are taken for what they are: hardly anybody gives another thing such a name, and what
 * `node:` modules export under it is the same.
 */
const TRUSTED = new Set(
  `undefined NaN Infinity globalThis global Object Function Array Number Boolean String Symbol BigInt
  Math Date RegExp JSON Intl Promise Proxy Reflect Map Set WeakMap WeakSet WeakRef
  FinalizationRegistry Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError
  URIError ArrayBuffer SharedArrayBuffer Atomics DataView Int8Array Uint8Array Uint8ClampedArray
  Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float32Array Float64Array
  parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent eval
  console process Buffer performance structuredClone queueMicrotask TextEncoder TextDecoder URL
  URLSearchParams AbortController AbortSignal WebAssembly`.split(/\s+/),
)

/** Whether a name means the same in every worker as here. */
export function isTrusted(name: string): boolean {
  return TRUSTED.has(name) || HELPER_NAMES.has(name)
}

/** Whether there is a global of that name, which a variable may hide. */
export function isGlobal(name: string): boolean {
  return name in globalThis && !OF_THE_SCRIPT.has(name)
}
