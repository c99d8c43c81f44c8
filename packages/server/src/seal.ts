/**
 * Seals secrets that the system must read again (second factors, secrets of providers and webhooks) before they go into
 * a table, so that a copy of that table alone gives nothing away: AES-256-GCM, in the form
 * `<key id>.<Base64url of nonce, ciphertext and tag>`. The purpose is authenticated with it: what was sealed for one row
 * can't be opened for another.
 */
import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { FreshKey, KeyRing } from './domain/key.ts';

export interface Seal {
  /**
   * @param purpose what the secret is for and which row it belongs to, as `webhook-secret/<id>`; no secret itself
   */
  seal(purpose: string, text: string): string;
  /** The text. Throws when it was sealed for another purpose, was changed, or its key is gone. */
  open(purpose: string, sealed: string): string;
  /** The id of the key that seals now; sealed texts begin with the id of theirs. */
  currentKeyId(): string;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A fresh sealing key. */
export function createSealingKey(): FreshKey {
  return { id: randomUUID(), secret: randomBytes(KEY_BYTES).toString('base64') };
}

export function createSeal(keys: KeyRing): Seal {
  return {
    seal(purpose, text) {
      const { id, secret } = keys.current();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, Buffer.from(secret, 'base64'), nonce);
      cipher.setAAD(contextOf(id, purpose));
      const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `${id}.${bytes.toString('base64url')}`;
    },
    open(purpose, sealed) {
      const [id = '', payload = ''] = sealed.split('.');
      const key = keys.find(id);
      if (!key) throw new Error('A sealed text can not be opened: its key is gone.');
      const bytes = Buffer.from(payload, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('A sealed text can not be opened: it is too short.');
      const decipher = createDecipheriv(ALGORITHM, Buffer.from(key.secret, 'base64'), bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(contextOf(id, purpose));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Error(`A sealed text can not be opened for ${purpose}: it was changed or belongs elsewhere.`, {
          cause,
        });
      }
    },
    currentKeyId: () => keys.current().id,
  };
}

function contextOf(keyId: string, purpose: string): Buffer {
  return Buffer.from(`${keyId}\0${purpose}`);
}
