/** The way to PostgreSQL: opens the pool, brings the schema up to date, and hands every noun its own file's functions. */
import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import type { Log } from '../log.ts';
import { migrations } from './migrations/list.ts';
import type { Schema } from './schema.ts';
import { ensureTenantRole, isSuperuser, scopedPool, SYSTEM } from './scope.ts';

/** A connection pool or a transaction on it: what every function of this folder takes first. */
export type Database = Kysely<Schema> | Transaction<Schema>;

export interface Store extends AsyncDisposable {
  /** The rows of all tenants: for workers, hubs, and whoever is still at the door. */
  readonly database: Kysely<Schema>;
  /** The rows of one tenant; PostgreSQL itself hides the others (migrations/0002-row-level-security.ts). */
  of(tenantId: string): Kysely<Schema>;
  /** Resolves when PostgreSQL answers, throws otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 12;
const CONNECT_TIMEOUT_MS = 10_000;
/** Oldest PostgreSQL that the SQL here is tested with. */
const VERSION_MIN = 150_000;
const INT8 = 20;
const TENANTS_KEPT_MAX = 1000;

/** Opens the store at a `postgres://` URL and migrates it; safe when several processes do so at once. */
export async function openStore(url: string, log: Log): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'lovely-smart-system',
    // Epochs, message ids and counts are below 2^53 by construction.
    types: {
      getTypeParser: ((oid: number, format: 'text') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A busy connection that breaks fails its query, which the caller handles; an event that nobody hears would end us.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.on('error', (error) => log.warn({ error }, 'a database connection broke; the pool makes a new one'));
  const tenants = new Map<string, Kysely<Schema>>();
  const close = (): Promise<void> => pool.end();
  try {
    const passesBy = await isSuperuser(pool);
    const open = (scope: string): Kysely<Schema> =>
      new Kysely<Schema>({ dialect: new PostgresDialect({ pool: scopedPool(pool, scope, passesBy) }) });
    const database = open(SYSTEM);
    await requireVersion(database);
    await migrate(database, log);
    if (passesBy) await ensureTenantRole(pool);
    return {
      database,
      of(tenantId) {
        let tenant = tenants.get(tenantId);
        if (!tenant) {
          // Light objects over the one pool; forgetting them all now and then keeps their number bounded.
          if (tenants.size >= TENANTS_KEPT_MAX) tenants.clear();
          tenants.set(tenantId, (tenant = open(tenantId)));
        }
        return tenant;
      },
      close,
      [Symbol.asyncDispose]: close,
      async ping() {
        await sql`select 1`.execute(database);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function requireVersion(database: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ version: number }>`select current_setting('server_version_num')::int as version`.execute(
    database,
  );
  const version = rows[0]?.version ?? 0;
  if (version < VERSION_MIN)
    throw new Error(`PostgreSQL ${version / 10_000} is too old: LOVELY_DATABASE_URL needs version 15 or newer.`);
}

/** Kysely's migrator takes a lock in the database, so that the second process waits and then finds nothing to do. */
async function migrate(database: Kysely<Schema>, log: Log): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(migrations) } });
  const { error, results } = await migrator.migrateToLatest();
  for (const result of results ?? []) log.info({ migration: result.migrationName, status: result.status }, 'migrated');
  if (error) throw new Error('The database could not be brought up to date.', { cause: error });
}
