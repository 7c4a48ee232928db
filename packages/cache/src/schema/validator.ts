/** A validator that ajv generated: says whether the value fits, and leaves on itself why not. */
export interface Validator {
  (value: unknown): boolean
  errors?: readonly SchemaViolation[] | null
}

/** What ajv says of the first rule that a value breaks. */
export interface SchemaViolation {
  /** JSON pointer to the offending place; empty for the whole value. */
  readonly instancePath: string
  readonly message?: string
}

/** Why `value` does not fit, or `undefined` where it does. */
export function findViolation(validate: Validator, value: unknown): string | undefined {
  if (validate(value)) return undefined
  const [violation] = validate.errors ?? []
  return `${violation?.instancePath || 'the record'} ${violation?.message ?? 'does not fit the schema'}`
}
