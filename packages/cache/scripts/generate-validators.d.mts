/** The text of `src/schema/validators.generated.ts`. */
export declare function generateValidators(): string
