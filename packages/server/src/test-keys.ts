/** Keys for tests of what works without a database. */
import { createSeal, createSealingKey, type Seal } from './seal.ts';
import type { FreshKey, KeyKind, KeyRing } from './domain/key.ts';
import { createLinkKey } from './download-links.ts';
import { createSigningKey, createTokens, type Tokens } from './tokens.ts';

/** A ring of these keys: the first is used, the others are accepted. */
export function createTestRing(kind: KeyKind, keys: readonly FreshKey[]): KeyRing {
  const all = keys.map((key) => ({ ...key, kind, isUsed: true }));
  return {
    current: () => all[0]!,
    find: (id) => all.find((key) => key.id === id),
    findNew: () => Promise.resolve(undefined),
  };
}

export function createTestLinkKeys(): KeyRing {
  return createTestRing('link', [createLinkKey()]);
}

export function createTestTokens(keys: readonly FreshKey[] = [createSigningKey()]): Tokens {
  return createTokens(createTestRing('signing', keys));
}

export function createTestSeal(keys: readonly FreshKey[] = [createSealingKey()]): Seal {
  return createSeal(createTestRing('sealing', keys));
}
