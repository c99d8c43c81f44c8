/**
 * The keys of a gateway: the one it is known by, and the one that takes its place. A new key is on disk before the server
 * hears of it and takes the old one's place after the server has said yes, each time by one renaming: wherever the power
 * fails, the key that the server knows is there.
 *
 *     <data dir>/key.pem        the current key
 *     <data dir>/key.next.pem   the next one, while the server may or may not know it
 */
import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readFileIfThere, syncFolder, writeFileAtomic } from './atomic-file.ts';
import { identityOf, loadIdentity, newPrivateKey, privateKeyPem, readPrivateKey, type Identity } from './identity.ts';

export interface Keys {
  readonly current: Identity;
  /** Takes the current one's place as soon as the server knows it. */
  readonly next: Identity | undefined;
  /** Makes the next key, unless there is one. */
  prepare(): void;
  /** The server knows the next key. */
  promote(): void;
  /** The server doesn't take the next key and still knows the current one. */
  abandon(): void;
}

/** One key that stays. */
export function fixedKey(identity: Identity): Keys {
  return { current: identity, next: undefined, prepare() {}, promote() {}, abandon() {} };
}

export interface KeysOnDisk extends Keys {
  /** Whether the current key was made just now. */
  readonly isNew: boolean;
  /** How long ago the current key was made. */
  ageMs(): number;
}

/** The keys in `dataDir`; the first is made when there is none. `serial` overrides the hardware's. */
export function openKeys(dataDir: string, serial?: string): KeysOnDisk {
  const path = join(dataDir, 'key.pem');
  const nextPath = join(dataDir, 'key.next.pem');
  const { identity, isNew } = loadIdentity(dataDir, serial);
  let current = identity;
  const stored = readFileIfThere(nextPath);
  let next = stored === undefined ? undefined : identityOf(identity.serial, readPrivateKey(stored, nextPath));
  return {
    isNew,
    get current() {
      return current;
    },
    get next() {
      return next;
    },
    ageMs: () => Date.now() - statSync(path).mtimeMs,
    prepare() {
      if (next) return;
      const key = newPrivateKey();
      writeFileAtomic(nextPath, privateKeyPem(key));
      next = identityOf(identity.serial, key);
    },
    promote() {
      if (!next) return;
      renameSync(nextPath, path);
      syncFolder(dataDir);
      current = next;
      next = undefined;
    },
    abandon() {
      if (!next) return;
      rmSync(nextPath);
      syncFolder(dataDir);
      next = undefined;
    },
  };
}
