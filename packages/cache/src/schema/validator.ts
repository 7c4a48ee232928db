/** A validator that ajv generated: says whether the value fits, and leaves on itself why not. */
export interface Validator<T> {
  (value: unknown): value is T
  errors?: readonly SchemaViolation[] | null
}

/** What ajv says of the first rule that a value breaks. */
export interface SchemaViolation {
  /** JSON pointer to the offending place; empty for the whole value. */
  readonly instancePath: string
  readonly message?: string
}

/** Why the value that was last checked does not fit. */
export function violationOf(validate: Validator<unknown>): string {
  const [violation] = validate.errors ?? []
  const place = violation?.instancePath === '' ? 'the record' : violation?.instancePath
  return `${place} ${violation?.message}`
}
