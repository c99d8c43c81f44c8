/** A gateway's Ed25519 key, as it follows from the seed. Whoever knows the seed has the key: for simulated houses only. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { digestOf } from './random.ts';

/** PKCS #8 of an Ed25519 key (RFC 8410 section 7), up to the 32 bytes that are the key. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export function privateKeyOf(seed: number, index: number): KeyObject {
  const der = Buffer.concat([PKCS8_HEAD, digestOf(seed, 'key', index)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}
