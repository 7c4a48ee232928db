/** The failures of this package, each with a stable `code` to match on. */
import { AmorsizeError } from './amorsize-error.ts'
import type { WorkloadFeatures } from './workload-features.ts'

/** Longer texts are cut in a message; the whole value is in the error's `value`. */
const LONGEST_SHOWN_TEXT = 80

/** A feature of a workload is missing or outside its domain. @public */
export class InvalidFeatureError extends AmorsizeError {
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_FEATURES_INVALID_FEATURE' as const
  /** Name of the class. */
  override readonly name = 'InvalidFeatureError'
  /** The field of {@link WorkloadFeatures} that was refused. */
  readonly feature: keyof WorkloadFeatures

  /**
   * @param feature - The field that was refused.
   * @param expected - What it must be.
   * @param value - What came.
   * @param remedy - What to do.
   */
  constructor(feature: keyof WorkloadFeatures, expected: string, value: unknown, remedy: string) {
    super(`Expected \`${feature}\` to be ${expected}, got ${shown(value)}. ${remedy}`, {
      value,
      remedy,
    })
    this.feature = feature
  }
}

/** An argument of a function is outside its domain. @public */
export class InvalidArgumentError extends AmorsizeError {
  /** Stable identifier of the failure. */
  readonly code = 'AMORSIZE_FEATURES_INVALID_ARGUMENT' as const
  /** Name of the class. */
  override readonly name = 'InvalidArgumentError'
  /** Name of the argument that was refused. */
  readonly argument: string

  /**
   * @param argument - The argument that was refused.
   * @param expected - What it must be.
   * @param value - What came.
   * @param remedy - What to do.
   */
  constructor(argument: string, expected: string, value: unknown, remedy: string) {
    super(`Expected \`${argument}\` to be ${expected}, got ${shown(value)}. ${remedy}`, {
      value,
      remedy,
    })
    this.argument = argument
  }
}

function shown(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return '`undefined`'
    case 'object':
      return value === null ? '`null`' : `an object (${constructorName(value)})`
    case 'function':
      return 'a function'
    case 'string':
      return `${shortened(JSON.stringify(value))} (string)`
    default:
      return `\`${String(value)}\` (${typeof value})`
  }
}

function shortened(text: string): string {
  return text.length > LONGEST_SHOWN_TEXT ? `${text.slice(0, LONGEST_SHOWN_TEXT)}…` : text
}

function constructorName(value: object): string {
  const constructor: unknown = Reflect.get(value, 'constructor')
  return typeof constructor === 'function' ? constructor.name : 'no prototype'
}
