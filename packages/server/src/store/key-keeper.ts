/** Keeps the system's keys young: rotates them by age, seals what old ones sealed again, and deletes those that are done. */
import { KEY_AGE_DAYS_MAX, SEALING_KEY_KEPT_SECONDS, RESEAL_ROWS_MAX, SIGNED_SECONDS_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import { rotateLinkKey, rotateSealingKey, rotateSigningKey } from './rotation.ts';
import type { Seal } from '../seal.ts';
import { commandKeyAgeSeconds, forgetCommandSecrets, rotateCommandKey } from './command-keys.ts';
import { deleteOldSealingKeys, deleteRetiredKeys, keyAgeSeconds } from './keys.ts';
import { listStaleSealed, replaceSealed, SEALED_COLUMNS, type SealedColumn } from './sealed.ts';
import type { Database } from './store.ts';

const DAY_SECONDS = 24 * 3600;

export function createKeyKeeper(
  { database }: { readonly database: Database },
  seal: Seal,
  log: Log,
  columns: readonly SealedColumn[] = SEALED_COLUMNS,
): () => Promise<void> {
  async function rotateByAge(): Promise<void> {
    for (const [kind, ageSeconds, rotate] of [
      ['signing', await keyAgeSeconds(database, 'signing'), rotateSigningKey],
      ['sealing', await keyAgeSeconds(database, 'sealing'), rotateSealingKey],
      ['link', await keyAgeSeconds(database, 'link'), rotateLinkKey],
      ['command', await commandKeyAgeSeconds(database), rotateCommandKey],
    ] as const) {
      if (ageSeconds < KEY_AGE_DAYS_MAX * DAY_SECONDS) continue;
      const { id, isNew } = await rotate(database);
      if (isNew) log.info({ kind, key: id }, 'made a new key, as the one before has its age');
    }
  }

  /** True when nothing is sealed by an old key any more. */
  async function sealAgain(column: SealedColumn, keyId: string): Promise<boolean> {
    const rows = await listStaleSealed(database, column, keyId, RESEAL_ROWS_MAX);
    for (const row of rows) {
      const purpose = column.purpose(row.key);
      await replaceSealed(database, column, row, seal.seal(purpose, seal.open(purpose, row.sealed)));
    }
    if (rows.length > 0) log.info({ table: column.table, rows: rows.length }, 'sealed secrets again with the new key');
    return rows.length === 0;
  }

  return async () => {
    await rotateByAge();
    await forgetCommandSecrets(database);
    let deleted = await deleteRetiredKeys(database, SIGNED_SECONDS_MAX);
    const keyId = seal.currentKeyId();
    let isDone = true;
    for (const column of columns) isDone = (await sealAgain(column, keyId)) && isDone;
    if (isDone) deleted += await deleteOldSealingKeys(database, keyId, SEALING_KEY_KEPT_SECONDS);
    if (deleted > 0) log.info({ keys: deleted }, 'deleted keys that nothing needs any more');
  };
}
