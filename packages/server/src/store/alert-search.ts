/** Alerts by what people type: words of the house, or of the rule's title. */
import { sql, type RawBuilder } from 'kysely';
import { searchWords } from '../domain/search-words.ts';
import { ALERT_SEARCH_DEVICES_MAX } from '../limits.ts';
import { hasWord } from './device-order.ts';
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
    const devices = await database
      .selectFrom('devices')
      .select('devices.id')
      .where('devices.tenant_id', '=', tenantId)
      .where(hasWord(tenantId, word))
      .limit(ALERT_SEARCH_DEVICES_MAX + 1)
      .execute();
    const ofHouse =
      devices.length > ALERT_SEARCH_DEVICES_MAX
        ? hasWord(tenantId, word)
        : sql<boolean>`alerts.device_id = any(${devices.map(({ id }) => id)}::uuid[])`;
    conditions.push(keys.length === 0 ? ofHouse : sql`(alerts.rule = any(${keys}::text[]) or ${ofHouse})`);
  }
  return conditions;
}

function beginsWord(text: string, word: string): boolean {
  return searchWords(text).some((part) => part.startsWith(word));
}
