/** Alerts by what people type: words of the house, or of the rule's title. */
import { sql, type RawBuilder } from 'kysely';
import { searchWords } from '../domain/search-words.ts';
import { ALERT_SEARCH_DEVICES_MAX } from '../limits.ts';
import { ID } from './cursor.ts';
import { hasWord, LAST } from './device-order.ts';
import type { Database } from './store.ts';

/**
 * One condition a word, on a query of `alerts` joined with `devices`. Few houses with a word are named one by one, so that
 * PostgreSQL starts from them; with many of them, the list of alerts itself has one soon.
 */
export async function searchConditions(
  database: Database,
  tenantId: string,
  search: string,
): Promise<RawBuilder<boolean>[]> {
  const words = searchWords(search);
  if (words.length === 0) return [];
  const rules = await database.selectFrom('rules').select(['key', 'title']).where('tenant_id', '=', tenantId).execute();
  const conditions: RawBuilder<boolean>[] = [];
  for (const word of words) {
    const keys = rules.filter(({ key, title }) => beginsWord(`${title} ${key}`, word)).map(({ key }) => key);
    const devices = await listDevicesWith(database, tenantId, word);
    const ofHouse =
      devices.length > ALERT_SEARCH_DEVICES_MAX
        ? hasWord(tenantId, word)
        : sql<boolean>`alerts.device_id = any(${devices}::uuid[])`;
    conditions.push(keys.length === 0 ? ofHouse : sql`(alerts.rule = any(${keys}::text[]) or ${ofHouse})`);
  }
  return conditions;
}

/** Devices with the word, one more than are looked up by house. */
async function listDevicesWith(database: Database, tenantId: string, word: string): Promise<string[]> {
  if (ID.test(word)) return [word];
  const { rows } = await sql<{ id: string }>`
    select distinct device_id as id from device_words
    where tenant_id = ${tenantId}::uuid and word >= ${word} and word < ${word + LAST}
    limit ${ALERT_SEARCH_DEVICES_MAX + 1}`.execute(database);
  return rows.map(({ id }) => id);
}

function beginsWord(text: string, word: string): boolean {
  return searchWords(text).some((part) => part.startsWith(word));
}
