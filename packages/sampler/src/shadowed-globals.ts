/**
 * Globals whose name means something else to a function: `escape` may be one of its own module. Its
 * source cannot tell, but the engine knows the variables of the scopes that the function was made in.
 * Asking takes about a millisecond, the first time several, so it is asked about names in doubt only.
 */
import type { Runtime, Session } from 'node:inspector'

/** Where the engine finds the function. */
const PLACE = Symbol.for('@amorsize/sampler:task')

/**
 * Those of the names that are variables around the function.
 *
 * @returns None where this Node has no inspector or is not permitted to use it.
 */
export function shadowedGlobals(task: object, names: readonly string[]): ReadonlySet<string> {
  try {
    const variables = new Set(variablesAround(task))
    return new Set(names.filter((name) => variables.has(name)))
  } catch {
    return new Set()
  }
}

function variablesAround(task: object): string[] {
  const { Session } = process.getBuiltinModule('node:inspector')
  const session = new Session()
  session.connect()
  Reflect.set(globalThis, PLACE, task)
  try {
    const { internalProperties = [] } = propertiesOf(session, placed(session))
    const scopes = internalProperties.find(({ name }) => name === '[[Scopes]]')?.value
    return propertiesOf(session, scopes)
      .result.map(({ value }) => value)
      .filter((scope) => scope?.objectId !== undefined && scope.description !== 'Global')
      .flatMap((scope) => propertiesOf(session, scope).result.map(({ name }) => name))
  } finally {
    Reflect.deleteProperty(globalThis, PLACE)
    session.disconnect()
  }
}

function placed(session: Session): Runtime.RemoteObject | undefined {
  let answer: Runtime.EvaluateReturnType | undefined
  const expression = `globalThis[Symbol.for('${PLACE.description}')]`
  // A session within the process answers before `post` returns.
  session.post('Runtime.evaluate', { expression }, (_, told) => (answer = told))
  return answer?.result
}

function propertiesOf(
  session: Session,
  { objectId = '' }: Partial<Runtime.RemoteObject> = {},
): Runtime.GetPropertiesReturnType {
  let answer: Runtime.GetPropertiesReturnType = { result: [] }
  session.post('Runtime.getProperties', { objectId, ownProperties: true }, (error, told) => {
    if (!error) answer = told
  })
  return answer
}
