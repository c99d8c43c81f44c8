/** Rules that people write: whom they are for, who evaluates them, and what they were before. */
import { sql, type Kysely } from 'kysely';
import { protect } from './protect.ts';

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(database);
}

const STATEMENTS = [
  `alter table rules
    add column "of" jsonb not null default '{"kind": "gateway"}',
    add column target jsonb not null default '{"deviceTypes": [], "groupIds": [], "deviceIds": []}',
    add column evaluated_by text not null default 'device',
    add column origin text not null default 'built-in',
    -- Built in, and as it came: a newer release may change it.
    add column pristine boolean not null default true,
    add column version integer not null default 1,
    add column updated_at timestamptz not null default now(),
    -- Whoever made this version, by e-mail address, so that it is told when they are gone.
    add column updated_by text`,
  `update rules set watch = watch || '{"forMs": null}' where watch ->> 'kind' = 'offline'`,
  `update rules set evaluated_by = 'server' where watch ->> 'kind' in ('offline', 'clone')`,
  // The few that are not for every house, of which hubs must ask house by house.
  `create index rules_targeted on rules (tenant_id) where enabled and target <> '{"deviceTypes": [], "groupIds": [], "deviceIds": []}'`,
  `create index rules_evaluated_here on rules (tenant_id) where enabled and evaluated_by = 'server'`,

  `create table rule_versions (
    tenant_id uuid not null,
    key text not null,
    version integer not null,
    rule jsonb not null,
    created_at timestamptz not null default now(),
    created_by text,
    primary key (tenant_id, key, version),
    foreign key (tenant_id, key) references rules on delete cascade
  )`,
  `insert into rule_versions (tenant_id, key, version, rule, created_at)
    select tenant_id, key, version, jsonb_build_object('key', key, 'title', title, 'severity', severity,
      'description', description, 'cause', cause, 'suggestion', to_jsonb(suggestion), 'watch', watch, 'of', "of",
      'target', target, 'evaluatedBy', evaluated_by, 'enabled', enabled), updated_at from rules`,
  ...protect('rule_versions'),

  // Rules that people deleted, for as long as houses may not have heard of it: workers close what is open of them.
  `create table deleted_rules (
    tenant_id uuid not null references tenants on delete cascade,
    key text not null,
    deleted_at timestamptz not null default now(),
    primary key (tenant_id, key)
  )`,
  ...protect('deleted_rules'),

  // What a worker remembers between two evaluations of a rule on a device; nothing for most.
  `create table rule_memories (
    tenant_id uuid not null,
    key text not null,
    device_id uuid not null references devices on delete cascade,
    memory jsonb not null,
    primary key (tenant_id, key, device_id),
    foreign key (tenant_id, key) references rules on delete cascade
  )`,
  `create index rule_memories_device on rule_memories (device_id)`,
  ...protect('rule_memories'),
];
