/** A device's identity and keys, as Mender's auth requests carry them (COMPAT section 2.1). */
import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { LovelyError } from '../errors.ts';
import { IDENTITY_BYTES_MAX, PUBLIC_KEY_BYTES_MAX } from '../limits.ts';

export type Identity = Readonly<Record<string, string | readonly string[]>>;

export interface PublicKey {
  /** SPKI PEM, normalised. */
  readonly pem: string;
  readonly type: 'rsa' | 'ec' | 'ed25519';
  /** SHA-256 of the key's DER as colon-separated hex. */
  readonly fingerprint: string;
}

/** Reads `id_data`, a JSON object in a string whose values are strings or lists of strings. */
export function parseIdentity(idData: string): Identity {
  const bad = (why: string): never => {
    throw new LovelyError('bad-request', `id_data ${why}`);
  };
  if (idData.length > IDENTITY_BYTES_MAX) bad(`is longer than ${IDENTITY_BYTES_MAX} bytes`);
  const value: unknown = parseJson(idData) ?? bad('is not JSON');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return bad('is not an object');
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) bad('is empty');
  for (const [key, item] of entries) {
    const strings: unknown[] = Array.isArray(item) ? item : [item];
    if (![key, ...strings].every(isStorable)) bad(`"${key.slice(0, 40)}" is not a string or a list of strings`);
  }
  return Object.fromEntries(entries);
}

/** Two requests with the same hash come from the same device: keys are sorted, so their order doesn't matter. */
export function identityHash(identity: Identity): Buffer {
  const sorted = Object.fromEntries(Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(JSON.stringify(sorted)).digest();
}

/** A name to show until somebody gives a better one. */
export function nameFromIdentity(identity: Identity): string {
  const value = identity.name ?? identity.sn ?? identity.serial ?? identity.mac ?? Object.values(identity)[0] ?? '';
  return String(Array.isArray(value) ? value[0] : value).slice(0, 200) || 'unnamed';
}

export function parsePublicKey(pem: string): PublicKey {
  if (pem.length > PUBLIC_KEY_BYTES_MAX) throw new LovelyError('bad-request', 'pubkey is too long');
  const key = keyObject(pem);
  const type = key.asymmetricKeyType;
  if (type !== 'rsa' && type !== 'ec' && type !== 'ed25519')
    throw new LovelyError('bad-request', 'pubkey is not RSA, ECDSA or Ed25519');
  const details = key.asymmetricKeyDetails;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < 2048)
    throw new LovelyError('bad-request', 'an RSA key needs at least 2048 bits');
  const der = key.export({ format: 'der', type: 'spki' });
  const hex = createHash('sha256').update(der).digest('hex');
  return {
    pem: key.export({ format: 'pem', type: 'spki' }).toString(),
    type,
    fingerprint: hex.match(/../g)!.join(':'),
  };
}

/** Verifies a signature over the raw body: the bytes as received, never re-serialised JSON. */
export function verifySignature(key: PublicKey, body: Uint8Array, signature: Uint8Array): boolean {
  try {
    const object = keyObject(key.pem);
    if (key.type === 'ed25519') return verify(null, body, object, signature);
    return verify('sha256', body, key.type === 'ec' ? { key: object, dsaEncoding: 'der' } : object, signature);
  } catch {
    return false;
  }
}

/** PostgreSQL stores neither U+0000 nor half of a surrogate pair, and JSON may spell both. */
function isStorable(text: unknown): boolean {
  return typeof text === 'string' && !text.includes('\0') && text.isWellFormed();
}

function keyObject(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch (cause) {
    throw new LovelyError('bad-request', 'pubkey is not a public key in PEM', { cause });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
