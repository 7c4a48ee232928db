/** The name of the processor, from whichever line the architecture gives. */

/** x86 has `model name`; some Arm boards have `Hardware` or `Model`; MIPS and s390 their own. */
const NAME_LINES = ['model name', 'Hardware', 'Model', 'cpu model', 'cpu', 'vendor_id']

/**
 * From `/proc/cpuinfo`.
 *
 * @returns A name; for an Arm core without one its implementer and part numbers, which name the
 * design; `undefined` where the text has none.
 */
export function cpuModelFromCpuinfo(text: string): string | undefined {
  for (const name of NAME_LINES) {
    const model = valueOf(name, text)
    if (model !== undefined) return model
  }
  const implementer = valueOf('CPU implementer', text)
  const part = valueOf('CPU part', text)
  return implementer && part ? `arm ${implementer} ${part}` : undefined
}

function valueOf(name: string, text: string): string | undefined {
  const value = new RegExp(`^${name}[ \\t]*:[ \\t]*(\\S.*?)[ \\t]*$`, 'm').exec(text)?.[1]
  return value?.replaceAll(/\s+/g, ' ')
}
