/**
 * Signatures over the bytes of the manifest (COMPAT section 4): RSA with PKCS#1 v1.5 and SHA-256, ECDSA on P-256 with SHA-256
 * as r and s of 32 bytes each, both as Mender's tools have them; and Ed25519, which only we read.
 */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { ArtifactError } from './error.ts';

const RSA_BITS_MIN = 2048;

/** A public key that artifacts may be signed for. Throws 'bad-signature' for a key of another kind. */
export function readVerificationKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (cause) {
    throw new ArtifactError('bad-signature', 'this is no public key in PEM', { cause });
  }
  requireKind(key);
  return key;
}

/** @param signature as it stands in `manifest.sig`, base64 */
export function isSignedBy(manifest: Uint8Array, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature.trim(), 'base64');
  return verify(...digestOf(key), manifest, withEncoding(key), bytes);
}

/** Signs with a private key; base64, as it stands in `manifest.sig`. */
export function signManifest(manifest: Uint8Array, key: KeyObject): string {
  requireKind(key);
  return sign(...digestOf(key), manifest, withEncoding(key)).toString('base64');
}

/** Ed25519 has its own. */
function digestOf(key: KeyObject): ['sha256' | null] {
  return [key.asymmetricKeyType === 'ed25519' ? null : 'sha256'];
}

function withEncoding(key: KeyObject) {
  return key.asymmetricKeyType === 'ec' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : { key };
}

function requireKind(key: KeyObject): void {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType;
  if (type === 'ed25519' || (type === 'ec' && namedCurve === 'prime256v1')) return;
  if (type === 'rsa' && modulusLength >= RSA_BITS_MIN) return;
  throw new ArtifactError(
    'bad-signature',
    `artifacts are signed with RSA of at least ${RSA_BITS_MIN} bits, ECDSA on P-256 or Ed25519, and this key is ${type} ${namedCurve ?? (modulusLength || '')}`.trim(),
  );
}
