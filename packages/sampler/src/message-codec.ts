/**
 * Messages to and from a child process as bytes. Node's own serialisation between processes drops
 * what it cannot carry (JSON), or turns a `Buffer` and views of one buffer into something else than
 * a thread would get (advanced). The bytes here are those of structured clone itself, so that both
 * runtimes give the same values, and each message is serialised once on its way instead of twice.
 */

/**
 * The message as bytes.
 * @throws Error where a part of it cannot be carried to another process.
 */
export function encodeMessage(message: unknown): Uint8Array {
  const { Serializer } = process.getBuiltinModule('node:v8')
  const serializer = new Serializer()
  serializer.writeHeader()
  serializer.writeValue(message)
  return serializer.releaseBuffer()
}

/** The message that {@link encodeMessage} was given. */
export function decodeMessage(bytes: Uint8Array): unknown {
  const { Deserializer } = process.getBuiltinModule('node:v8')
  const deserializer = new Deserializer(bytes)
  deserializer.readHeader()
  return deserializer.readValue()
}
