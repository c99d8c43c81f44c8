/** The keys that sign tokens and seal secrets, as this process knows them. */
import type { Key, KeyRing } from '../domain/key.ts';
import { createLinkKey } from '../download-links.ts';
import { KEYS_LOOKED_UP_MS } from '../limits.ts';
import { createSealingKey } from '../seal.ts';
import { createSigningKey } from '../tokens.ts';
import { ensureCommandKey } from './command-keys.ts';
import { ensureKey, listKeys, listVoidKeys } from './keys.ts';
import type { Database } from './store.ts';

export interface KeyRings {
  readonly signing: KeyRing;
  readonly sealing: KeyRing;
  /** Of links to download artifacts (download-links.ts). */
  readonly link: KeyRing;
  /** Reads the keys again. Returns the signing keys that are void before their time. */
  refresh(): Promise<string[]>;
}

/** Reads the keys; makes the first ones of a new system. */
export async function openKeyRings(database: Database): Promise<KeyRings> {
  await ensureKey(database, 'signing', createSigningKey);
  await ensureKey(database, 'sealing', createSealingKey);
  await ensureKey(database, 'link', createLinkKey);
  await ensureCommandKey(database);
  let keys = await listKeys(database);
  let lookedUpMs = 0;
  let lookingUp: Promise<void> | undefined;

  async function lookUp(): Promise<void> {
    lookedUpMs = Date.now();
    keys = await listKeys(database);
  }

  function ring(kind: Key['kind']): KeyRing {
    const find = (id: string): Key | undefined => keys.find((one) => one.kind === kind && one.id === id);
    return {
      current() {
        const key = keys.find((one) => one.kind === kind && one.isUsed);
        if (!key) throw new Error(`There is no ${kind} key.`);
        return key;
      },
      find,
      // Forged tokens name keys that nobody has: they must not become a flood of queries.
      async findNew(id) {
        if (Date.now() - lookedUpMs >= KEYS_LOOKED_UP_MS) lookingUp = lookUp().finally(() => (lookingUp = undefined));
        await lookingUp;
        return find(id);
      },
    };
  }

  return {
    signing: ring('signing'),
    sealing: ring('sealing'),
    link: ring('link'),
    async refresh() {
      keys = await listKeys(database);
      return await listVoidKeys(database);
    },
  };
}
