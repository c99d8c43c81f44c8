/** Who the gateway is: a key that never leaves it, and its serial number. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { join } from 'node:path';
import { readFileIfThere, writeFileAtomic } from './atomic-file.ts';
import { ClientError } from './error.ts';

export interface Identity {
  readonly serial: string;
  /** Identity data as canonical JSON: sorted keys, no spaces (COMPAT 2.1). */
  readonly idData: string;
  /** The public key as SPKI PEM. */
  readonly publicKey: string;
  /** SHA-256 of the public key's SPKI DER as hex pairs with colons, for an operator to compare. */
  readonly fingerprint: string;
  /** The signature over `data`, as COMPAT 2.1 has it for the kind of key. */
  sign(data: Uint8Array): Uint8Array;
}

/** The identity that a serial number and a private key (Ed25519, ECDSA, RSA) make. Touches no disk. */
export function identityOf(serial: string, privateKey: KeyObject): Identity {
  const publicKey = createPublicKey(privateKey);
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    serial,
    idData: canonicalJson({ sn: serial }),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: createHash('sha256').update(der).digest('hex').match(/../g)!.join(':'),
    // ECDSA in DER and RSA in PKCS #1 v1.5 are what Node makes by itself.
    sign: (data) => sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, privateKey),
  };
}

export function newPrivateKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/**
 * The identity kept in `dataDir`; key and, where the hardware names none, serial number are made the first time.
 * `serial` overrides the hardware's.
 */
export function loadIdentity(dataDir: string, serial?: string): { identity: Identity; isNew: boolean } {
  const path = join(dataDir, 'key.pem');
  const stored = readFileIfThere(path);
  const privateKey = stored === undefined ? newPrivateKey() : readPrivateKey(stored, path);
  if (stored === undefined) writeFileAtomic(path, privateKeyPem(privateKey));
  const identity = identityOf(loadSerial(dataDir, serial), privateKey);
  return { identity, isNew: stored === undefined };
}

/** `given`, the hardware's, or one that is made the first time. */
export function loadSerial(dataDir: string, given?: string): string {
  return given ?? hardwareSerial() ?? storedSerial(dataDir);
}

export function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Throws ClientError 'bad-file' with the path. */
export function readPrivateKey(pem: string, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (['ed25519', 'ec', 'rsa'].includes(key.asymmetricKeyType ?? '')) return key;
  } catch (cause) {
    throw new ClientError('bad-file', `${path} holds no private key`, { cause });
  }
  throw new ClientError('bad-file', `${path} holds no Ed25519, ECDSA or RSA key`);
}

/** The serial number that a board's device tree names, as on the Raspberry Pi. */
function hardwareSerial(): string | undefined {
  const text = readFileIfThere('/proc/device-tree/serial-number')?.replaceAll('\0', '').trim();
  return text === '' ? undefined : text;
}

function storedSerial(dataDir: string): string {
  const path = join(dataDir, 'serial');
  const stored = readFileIfThere(path)?.trim();
  if (stored !== undefined && stored !== '') return stored;
  const serial = randomBytes(8).toString('hex');
  writeFileAtomic(path, `${serial}\n`);
  return serial;
}

function canonicalJson(fields: { readonly [key: string]: string }): string {
  return JSON.stringify(Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))));
}
