/** The keys that sign tokens and seal secrets, as this process knows them. */
import { createSealingKey } from './seal.ts';
import { ensureKey, listKeys, type Key } from './store/keys.ts';
import type { Database } from './store/store.ts';
import { createSigningKey } from './tokens.ts';

/** The keys of one kind. */
export interface KeyRing {
  /** The one to sign or seal with. */
  current(): Key;
  /** Any that is still, or already, accepted. */
  find(id: string): Key | undefined;
}

export interface KeyRings {
  readonly signing: KeyRing;
  readonly sealing: KeyRing;
  /** Reads the keys again. */
  refresh(): Promise<void>;
}

/** Reads the keys; makes the first ones of a new system. */
export async function openKeyRings(database: Database): Promise<KeyRings> {
  await ensureKey(database, 'signing', createSigningKey);
  await ensureKey(database, 'sealing', createSealingKey);
  let keys = await listKeys(database);
  const ring = (kind: Key['kind']): KeyRing => ({
    current() {
      const key = keys.find((one) => one.kind === kind && one.isUsed);
      if (!key) throw new Error(`There is no ${kind} key.`);
      return key;
    },
    find: (id) => keys.find((one) => one.kind === kind && one.id === id),
  });
  return {
    signing: ring('signing'),
    sealing: ring('sealing'),
    async refresh() {
      keys = await listKeys(database);
    },
  };
}
