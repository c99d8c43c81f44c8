/** New keys for the system: announced first, used when every process knows them, the old ones accepted while needed. */
import { createLinkKey } from '../download-links.ts';
import { KEY_ANNOUNCE_SECONDS, SIGNED_SECONDS_MAX } from '../limits.ts';
import { DOWNLOAD_LINK_MS_MAX } from '../software-limits.ts';
import { createSealingKey } from '../seal.ts';
import { replaceSigningKeys, rotateKey, type Rotation } from './keys.ts';
import type { Database } from './store.ts';
import { createSigningKey } from '../tokens.ts';

/** Tokens of the keys before live on until their own end. */
export async function rotateSigningKey(database: Database): Promise<Rotation> {
  return await rotateKey(database, 'signing', createSigningKey(), {
    announceSeconds: KEY_ANNOUNCE_SECONDS,
    acceptSeconds: SIGNED_SECONDS_MAX,
  });
}

/** A worker seals everything again with it and then deletes the keys before. */
export async function rotateSealingKey(database: Database): Promise<Rotation> {
  return await rotateKey(database, 'sealing', createSealingKey(), {
    announceSeconds: KEY_ANNOUNCE_SECONDS,
    acceptSeconds: undefined,
  });
}

/** Links of the keys before live on until their own end. */
export async function rotateLinkKey(database: Database): Promise<Rotation> {
  return await rotateKey(database, 'link', createLinkKey(), {
    announceSeconds: KEY_ANNOUNCE_SECONDS,
    acceptSeconds: DOWNLOAD_LINK_MS_MAX / 1000,
  });
}

/** For a key that leaked: every token is void at once, people sign in again, gateways ask for new tokens by themselves. */
export async function voidTokens(database: Database): Promise<string> {
  const key = createSigningKey();
  await replaceSigningKeys(database, key);
  return key.id;
}
