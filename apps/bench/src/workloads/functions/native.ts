/** Functions whose time is spent in Node's own C and C++. They need imports, so they travel by module. */
import { createHash, pbkdf2Sync, scryptSync } from 'node:crypto'
import { brotliCompressSync, constants, deflateRawSync, gzipSync, inflateRawSync } from 'node:zlib'

/** Digest of a text. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Bytes a text takes once compressed. */
export function gzipSize(text: string): number {
  return gzipSync(text).length
}

/** A text compressed with brotli at a middle quality, as base64. */
export function brotli(text: string): string {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 }
  return brotliCompressSync(text, { params }).toString('base64')
}

/** Packs and unpacks bytes; true where they survive. */
export function inflatesBack(bytes: Uint8Array): boolean {
  const unpacked = inflateRawSync(deflateRawSync(bytes))
  return unpacked.length === bytes.length && unpacked[0] === bytes[0]
}

/** A key from a password, at a sixteenth of the usual cost. */
export function scryptKey(password: string): string {
  return scryptSync(password, 'salt', 32, { N: 1024 }).toString('hex')
}

/** A key from a password by a thousand rounds of HMAC. */
export function pbkdf2Key(password: string): string {
  return pbkdf2Sync(password, 'salt', 1000, 32, 'sha256').toString('hex')
}
