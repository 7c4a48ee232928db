/**
 * A reply whose memory tinypool hands over. It is what `Tinypool.move()` makes, without each worker
 * having to load all of tinypool for that. The mark is a symbol of tinypool's own, but one that it
 * asks the reply for. Should it look for another one some day, the reply is cloned like any other.
 */
const MARK = 'Tinypool.kMovable'

const MARKED: object = new Proxy(
  {},
  { get: (_target, key) => (typeof key === 'symbol' && key.description === MARK) || undefined },
)

/**
 * The reply, to be returned to tinypool's worker.
 *
 * @param buffers - What the receiver gets as it is; nobody else may have it.
 */
export function movable<Reply extends object>(
  reply: Reply,
  buffers: readonly ArrayBuffer[],
): Reply {
  return Object.assign(Object.create(MARKED) as object, reply, {
    [Symbol.for('Tinypool.transferable')]: buffers,
    [Symbol.for('Tinypool.valueOf')]: reply,
  })
}
