/** The keys that sign commands for gateways: Ed25519, each but the first vouched for by the one before. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { commandBytes, commandKeyBytes, type CommandKey, type CommandRun } from '@lovely/protocol';

export interface FreshCommandKey {
  readonly id: string;
  /** PKCS #8 PEM. */
  readonly secret: string;
  /** The 32 bytes of RFC 8032. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

export function createCommandKey(): FreshCommandKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { id: randomUUID(), secret, publicKey: publicBytes(privateKey) };
}

/** What the key before says for the one after it. */
export function vouchFor(secret: string, key: Pick<CommandKey, 'id' | 'publicKey'>): Buffer {
  return sign(null, commandKeyBytes(key), createPrivateKey(secret));
}

export function signCommand(
  { id: keyId, secret }: { readonly id: string; readonly secret: string },
  command: Omit<CommandRun, 'keyId' | 'signature'>,
): CommandRun {
  return { ...command, keyId, signature: sign(null, commandBytes(command), createPrivateKey(secret)) };
}

function publicBytes(key: KeyObject): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url'));
}
