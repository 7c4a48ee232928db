/**
 * The one base of every error that Amorsize throws. Packages that may not import this one at run
 * time throw errors of the same shape, so `instanceof AmorsizeError` looks at the shape.
 */

/** What an Amorsize error says beside its message. @public */
export interface AmorsizeErrorDetails {
  /** The offending value, where there is one. */
  readonly value?: unknown
  /** What to do about it, one sentence. */
  readonly remedy: string
  /** The error that led to this one. */
  readonly cause?: unknown
}

/**
 * Base of the errors of all Amorsize packages: what was expected, what came, what to do.
 *
 * @remarks
 * `error instanceof AmorsizeError` holds for any error whose `code` starts with `AMORSIZE_`,
 * also for one made by a second copy of a package or in another realm. A subclass keeps the
 * ordinary `instanceof`. To tell failures apart, compare `code`.
 * @public
 */
export abstract class AmorsizeError extends Error {
  /** Stable identifier of the failure, `AMORSIZE_<PACKAGE>_<WHAT>`. */
  abstract readonly code: `AMORSIZE_${string}`
  /** Name of the class, also in minified code. */
  abstract override readonly name: string
  /** The offending value; `undefined` where there is none. */
  readonly value: unknown
  /** What to do about it. */
  readonly remedy: string

  /**
   * @param message - What was expected, what came, what to do.
   * @param details - The offending value, the remedy and the cause.
   */
  constructor(message: string, details: AmorsizeErrorDetails) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined)
    this.value = details.value
    this.remedy = details.remedy
  }

  /** Recognises by shape for this class, by prototype for its subclasses. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== AmorsizeError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return isError(value) && 'code' in value && hasAmorsizeCode(value.code)
  }
}

/** True across realms, where `instanceof Error` is not. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
}

function hasAmorsizeCode(code: unknown): boolean {
  return typeof code === 'string' && code.startsWith('AMORSIZE_')
}
