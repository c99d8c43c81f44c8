/**
 * The keys whose commands this gateway carries out: those that it was told first, and those that these vouch for, one after
 * the other. A server that nobody vouches for, whoever has got hold of its name or its certificate, can command nothing.
 */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { COMMAND_KEYS_MAX, commandBytes, commandKeyBytes, type CommandKey, type CommandRun } from '@lovely/protocol';
import { readFileIfThere, tryWriteFileAtomic } from '../atomic-file.ts';
import type { Log } from '../log.ts';

interface TrustedKey {
  readonly id: string;
  /** 32 bytes in Base64. */
  readonly publicKey: string;
  readonly isRetired: boolean;
}

/** Where they are kept. */
export interface KeyStore {
  load(): TrustedKey[];
  save(keys: readonly TrustedKey[]): void;
}

export class TrustedKeys {
  readonly #store: KeyStore;
  readonly #log: Log;
  #keys: ReadonlyMap<string, TrustedKey>;

  constructor(store: KeyStore, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#keys = new Map(store.load().map((key) => [key.id, key]));
  }

  /** Takes what the server tells: the first time all of it, later only what a key known before vouches for. */
  learn(told: readonly CommandKey[]): void {
    const trusted = this.#keys.size === 0 ? [...told] : this.#vouchedFor(told);
    if (trusted.length < told.length)
      this.#log.warn('keys of commands that nobody vouches for', { told: told.length, trusted: trusted.length });
    // Nothing that is known: what was trusted before stays trusted, and nothing else is.
    if (trusted.length === 0) return;
    const ids = new Set(trusted.map(({ id }) => id));
    // Those that are not told this time stay: whoever tells less must not make what is known unknown.
    const untold = [...this.#keys.values()].filter(({ id }) => !ids.has(id));
    const now = trusted.map(({ id, publicKey, isRetired }) => ({
      id,
      publicKey: base64(publicKey),
      isRetired: isRetired || this.#isRetired(id),
    }));
    const keys = [...untold, ...now].slice(-COMMAND_KEYS_MAX);
    if (JSON.stringify(keys) === JSON.stringify([...this.#keys.values()])) return;
    if (this.#keys.size === 0) this.#log.info('keys of commands pinned', { keys: keys.map(({ id }) => id).join(',') });
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#store.save(keys);
  }

  /** Whether the command is signed by a key that is trusted. */
  check({ keyId, signature, ...signed }: CommandRun): 'good' | 'unknown-key' | 'bad-signature' {
    const key = this.#keys.get(keyId);
    if (!key || key.isRetired) return 'unknown-key';
    return verify(null, commandBytes(signed), keyObject(key.publicKey), signature) ? 'good' : 'bad-signature';
  }

  #vouchedFor(told: readonly CommandKey[]): CommandKey[] {
    const trusted = new Map(told.filter((key) => this.#isKnown(key)).map((key) => [key.id, key]));
    // Each round follows the chain by one: there are no more rounds than keys.
    for (let before = -1; before < trusted.size;) {
      before = trusted.size;
      for (const key of told) if (!trusted.has(key.id) && this.#isVouchedFor(key, trusted)) trusted.set(key.id, key);
    }
    return told.filter(({ id }) => trusted.has(id));
  }

  #isKnown({ id, publicKey }: CommandKey): boolean {
    return this.#keys.get(id)?.publicKey === base64(publicKey);
  }

  /** A key may be retired because it leaked: once that was told, nobody makes it sign or vouch again. */
  #isRetired(id: string): boolean {
    return this.#keys.get(id)?.isRetired === true;
  }

  #isVouchedFor(key: CommandKey, trusted: ReadonlyMap<string, CommandKey>): boolean {
    const by = key.vouchedBy === undefined || this.#isRetired(key.vouchedBy) ? undefined : trusted.get(key.vouchedBy);
    return (
      by !== undefined &&
      key.vouch !== undefined &&
      verify(null, commandKeyBytes(key), keyObject(base64(by.publicKey)), key.vouch)
    );
  }
}

export function fileKeyStore(path: string): KeyStore {
  return {
    load() {
      try {
        const kept = JSON.parse(readFileIfThere(path) ?? '[]') as unknown;
        return Array.isArray(kept) ? kept.filter(isTrustedKey) : [];
      } catch {
        return [];
      }
    },
    save: (keys) => void tryWriteFileAtomic(path, JSON.stringify(keys)),
  };
}

function isTrustedKey(value: unknown): value is TrustedKey {
  const { id, publicKey, isRetired } = (value ?? {}) as Partial<Record<keyof TrustedKey, unknown>>;
  return (
    typeof id === 'string' &&
    typeof publicKey === 'string' &&
    Buffer.from(publicKey, 'base64').length === 32 &&
    typeof isRetired === 'boolean'
  );
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function keyObject(publicKey: string): KeyObject {
  const x = Buffer.from(publicKey, 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
