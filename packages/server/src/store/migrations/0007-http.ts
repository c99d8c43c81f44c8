/**
 * What lists of a million devices are read by, versions of devices, and answers to requests with an idempotency key.
 *
 * Under row-level security an index serves a condition only if its operators are leakproof: comparing a plain column is,
 * lower() and full text search are not. So what lists are sorted and searched by are columns and rows of their own
 * (docs/decisions/0012-words-of-devices.md).
 */
import { sql, type Kysely } from 'kysely';
import { protect, seesOnly } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  const { rows } = await sql`select from pg_collation where collname = 'und-x-icu'`.execute(database);
  // A PostgreSQL without ICU lowers what its own locale knows.
  const collation = rows.length > 0 ? '"und-x-icu"' : '"default"';
  for (const statement of statements(collation)) await sql.raw(statement).execute(database);
}

/** Tables of 0002, with what names their tenant. */
const OLDER_TABLES = {
  tenants: 'id',
  users: 'tenant_id',
  logins: 'tenant_id',
  devices: 'tenant_id',
  auth_sets: 'tenant_id',
  revocations: 'tenant_id',
  presence: 'tenant_id',
  status_messages: 'tenant_id',
  status_values: 'tenant_id',
  rules: 'tenant_id',
  alerts: 'tenant_id',
  alert_messages: 'tenant_id',
} as const;

/** ASCII that is neither letter nor digit, which `translate` turns into spaces; domain/search-words.ts has the same. */
const BETWEEN_WORDS = `e'\\t\\n\\r!"#$%&\\'()*+,-./:;<=>?@[\\\\]^_\`{|}~', repeat(' ', 35)`;

const statements = (collation: string): string[] => [
  `create function device_words(name text, address text, identity jsonb, tags text[]) returns text[]
    language sql immutable parallel safe
    return array(
      select distinct left(word, 64)
      from unnest(array_prepend(name, array_prepend(address, tags)) || array(
          select value #>> '{}' from jsonb_each(identity))) as texts(text),
        string_to_table(translate(lower(text collate ${collation}), ${BETWEEN_WORDS}), ' ') as word
      where word <> '' limit 100)`,
  `alter table devices
    add version integer not null default 1,
    add name_key text collate "C" generated always as (left(lower(name collate ${collation}), 200)) stored,
    add health_rank smallint generated always as (
      case health when 'critical' then 0 when 'offline' then 1 when 'warning' then 2 when 'ok' then 3 else 4 end) stored`,
  ...Object.entries(OLDER_TABLES).map(([table, tenant]) => `alter policy tenant on ${table} using ${seesOnly(tenant)}`),
  `drop index devices_health`,
  `create index devices_name on devices (tenant_id, name_key, id)`,
  `create index devices_health on devices (tenant_id, health_rank, name_key, id)`,
  `create index devices_health_newest on devices (tenant_id, health_rank, created_at desc, id desc)`,
  `create index devices_placed on devices (tenant_id, created_at desc, id desc) where latitude is not null`,
  `create index devices_unplaced on devices (tenant_id, created_at desc, id desc) where latitude is null`,
  `create index presence_changed on presence (tenant_id, changed_at, device_id)`,
  `create index alerts_open on alerts (tenant_id, opened_at desc, id desc) where closed_at is null`,
  `create index alerts_rule on alerts (tenant_id, rule, opened_at desc, id desc)`,
  `create index alerts_rule_open on alerts (tenant_id, rule, device_id) where closed_at is null`,

  // Kept by triggers, so that no way of writing a device forgets them. No foreign keys: see 0001-foundation.ts.
  `create table device_words (
    device_id uuid not null,
    word text collate "C" not null,
    tenant_id uuid not null,
    primary key (device_id, word)
  )`,
  `create index device_words_word on device_words (tenant_id, word, device_id)`,
  `create function add_device_words() returns trigger language plpgsql as $$ begin
    insert into device_words (device_id, word, tenant_id)
      select id, word, tenant_id
      from added, unnest(device_words(name, address, identity, tags)) as word;
    return null;
  end $$`,
  `create function change_device_words() returns trigger language plpgsql as $$ begin
    delete from device_words where device_id = new.id;
    insert into device_words (device_id, word, tenant_id)
      select new.id, word, new.tenant_id
      from unnest(device_words(new.name, new.address, new.identity, new.tags)) as word;
    return null;
  end $$`,
  `create function remove_device_words() returns trigger language plpgsql as $$ begin
    delete from device_words using removed where device_id = removed.id;
    return null;
  end $$`,
  `create trigger add_words after insert on devices
    referencing new table as added for each statement execute function add_device_words()`,
  `create trigger change_words after update on devices for each row
    when ((old.name, old.address, old.identity, old.tags) is distinct from (new.name, new.address, new.identity, new.tags))
    execute function change_device_words()`,
  `create trigger remove_words after delete on devices
    referencing old table as removed for each statement execute function remove_device_words()`,
  ...protect('device_words'),
  `insert into device_words (device_id, word, tenant_id)
    select id, word, tenant_id from devices, unnest(device_words(name, address, identity, tags)) as word`,

  `create table idempotency_keys (
    tenant_id uuid not null references tenants on delete cascade,
    user_id uuid not null references users on delete cascade,
    key text not null,
    -- SHA-256 of method, path and body: the same key may not mean another request.
    request_hash bytea not null,
    -- Sealed, because an answer may hold a secret that is shown once.
    sealed_answer text not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, user_id, key)
  )`,
  `create index idempotency_keys_created on idempotency_keys (created_at)`,
  ...protect('idempotency_keys'),
];
