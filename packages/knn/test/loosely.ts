/** The value as `any`: what a JavaScript caller can pass, whatever the types say. */
export function loosely(value: unknown) {
  const holder = Object.create(null)
  holder.value = value
  return holder.value
}
