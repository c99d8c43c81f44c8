/** Configuration as Mender's clients and tools know it (COMPAT 2.5 and 3.7): flat, and every value a text. */
import type { ConfigurationValues } from '@lovely/api';
import { formOf, typedValue } from '../domain/configuration-schema.ts';
import { storeReports } from './configuration-delivery.ts';
import { getConfiguredHouse, listSchemas } from './configuration-schemas.ts';
import type { Database } from './store.ts';

export interface MenderConfiguration {
  /** What the house should be set to, groups included. */
  readonly configured: Readonly<Record<string, string>>;
  readonly reported: Readonly<Record<string, string>>;
  /** Of `configured`; rises with each change. */
  readonly version: number;
  readonly configuredAt: Date | null;
  readonly reportedAt: Date | null;
}

/** Undefined when nobody desired anything and the device told nothing. */
export async function getMenderConfiguration(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<MenderConfiguration | undefined> {
  const row = await database
    .selectFrom('configurations')
    .select(['desired', 'reported', 'version', 'desired_at', 'reported_at'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  if (!row || (row.version === 0 && row.reported_at === null)) return undefined;
  return {
    configured: textsOf(row.desired),
    reported: textsOf(row.reported),
    version: row.version,
    configuredAt: row.desired_at,
    reportedAt: row.reported_at,
  };
}

/** Texts as the values that they stand for, by the schemas of the house; then `replaceOwn` takes them. */
export async function typedValues(
  database: Database,
  tenantId: string,
  deviceId: string,
  texts: Readonly<Record<string, string>>,
): Promise<ConfigurationValues> {
  const house = await getConfiguredHouse(database, tenantId, deviceId);
  const { fields } = formOf(await listSchemas(database, tenantId), house);
  const byKey = new Map(fields.map((field) => [field.key, field]));
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, typedValue(byKey.get(key), text)]));
}

export function textsOf(values: ConfigurationValues): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

/** What Mender's client reports: it names no version, so it has the desired one when it has all of its values. */
export async function storeMenderReported(
  database: Database,
  tenantId: string,
  deviceId: string,
  texts: Readonly<Record<string, string>>,
): Promise<void> {
  const row = await database
    .selectFrom('configurations')
    .select(['desired', 'version', 'reported_version', 'reported_message'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  const desired = row?.desired ?? {};
  const values = await typedValues(database, tenantId, deviceId, texts);
  // A key without a schema is desired as a number or a boolean all the same.
  const told = Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const wanted = Object.hasOwn(desired, key) ? desired[key]! : value;
      return [key, String(wanted) === String(value) ? wanted : value];
    }),
  );
  const has = Object.entries(desired).every(([key, value]) => told[key] === value);
  await storeReports(database, [
    {
      kind: 'reported',
      deviceId,
      messageId: (row?.reported_message ?? -1) + 1,
      version: has ? (row?.version ?? 0) : (row?.reported_version ?? 0),
      values: told,
      isConfirming: false,
      problems: [],
    },
  ]);
}
