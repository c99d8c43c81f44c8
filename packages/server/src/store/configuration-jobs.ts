/**
 * Bringing changes of groups to their houses: these are found once, then each turn takes some of them in a transaction of
 * its own, so that a worker that dies loses nothing, several work at once, and no house waits for a hundred thousand others.
 */
import { sql } from 'kysely';
import { CONFIGURATION_JOB_KEPT_MS, CONFIGURATION_RETRY_MS } from '../limits.ts';
import { computeDesired } from './configuration-inheritance.ts';
import { inGroup } from './device-filter.ts';
import { deviceGroup } from './groups.ts';
import type { Database } from './store.ts';

export interface ChangedHouses {
  readonly tenantId: string;
  /** Those that are to be set to something else. */
  readonly deviceIds: readonly string[];
}

interface Job {
  readonly id: number;
  readonly tenantId: string;
  readonly groupId: string;
  readonly by: string | null;
  readonly confirmMs: number | null;
  readonly afterId: string;
  readonly total: number | null;
}

/** The change that waited longest and that no other worker is at, brought to its next houses; undefined when there is none. */
export async function carryJobOn(database: Database, limit: number): Promise<ChangedHouses | undefined> {
  let job: Job | undefined;
  try {
    return await database.transaction().execute(async (transaction) => {
      job = await takeJob(transaction);
      return job && (await bringToNext(transaction, job, limit));
    });
  } catch (error) {
    // The next turn goes on with others.
    if (job)
      await sql`update configuration_jobs set look_at = now() + make_interval(secs => ${CONFIGURATION_RETRY_MS / 1000})
        where id = ${job.id}`.execute(database);
    throw error;
  }
}

async function takeJob(transaction: Database): Promise<Job | undefined> {
  const { rows } = await sql<Job>`
    select id, tenant_id as "tenantId", group_id as "groupId", created_by as by, confirm_ms as "confirmMs",
      after_id as "afterId", total from configuration_jobs
    where ended_at is null and look_at <= now() order by look_at, id limit 1 for update skip locked`.execute(
    transaction,
  );
  return rows[0];
}

/** First the houses are found, and then each turn takes the next of them. */
async function bringToNext(transaction: Database, job: Job, limit: number): Promise<ChangedHouses> {
  if (job.total === null) {
    await findHouses(transaction, job);
    return { tenantId: job.tenantId, deviceIds: [] };
  }
  const deviceIds = await takeNext(transaction, job, limit);
  const changed = await computeDesired(transaction, job.tenantId, deviceIds, job);
  const isOver = deviceIds.length < limit;
  // Those that were not looked at for longest come first, so that a large group keeps no small one waiting.
  await sql`update configuration_jobs set after_id = ${deviceIds.at(-1) ?? job.afterId}::uuid,
    done = done + ${deviceIds.length}, changed = changed + ${changed.length}, look_at = clock_timestamp(),
    ended_at = case when ${isOver} then now() end where id = ${job.id}`.execute(transaction);
  return { tenantId: job.tenantId, deviceIds: changed };
}

/** The houses that the group is on, or was on when they were last looked at. Who comes or leaves from now on is marked. */
async function findHouses(transaction: Database, { id, tenantId, groupId }: Job): Promise<void> {
  const row = await transaction
    .selectFrom('groups')
    .select(['id', 'filter'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', groupId)
    .executeTakeFirst();
  const isIn = row ? inGroup(deviceGroup(row)) : sql<boolean>`false`;
  await sql`
    with found as (
      insert into configuration_job_houses (job_id, device_id, tenant_id)
      select ${id}::bigint, houses.id, ${tenantId}::uuid from (
        select id from devices where tenant_id = ${tenantId} and ${isIn}
        union select device_id from configurations where tenant_id = ${tenantId} and group_ids @> array[${groupId}]::uuid[]
      ) as houses
      returning 1)
    update configuration_jobs set total = (select count(*) from found), look_at = clock_timestamp() where id = ${id}`.execute(
    transaction,
  );
}

/** The cursor passes by those that were taken before, which stay in the index for a while. */
async function takeNext(transaction: Database, { id, afterId }: Job, limit: number): Promise<string[]> {
  const rows = await transaction
    .selectFrom('configuration_job_houses')
    .select('device_id as deviceId')
    .where('job_id', '=', id)
    .where('device_id', '>', afterId)
    .orderBy('device_id')
    .limit(limit)
    .execute();
  const last = rows.at(-1);
  if (last)
    await transaction
      .deleteFrom('configuration_job_houses')
      .where('job_id', '=', id)
      .where('device_id', '>', afterId)
      .where('device_id', '<=', last.deviceId)
      .execute();
  return rows.map(({ deviceId }) => deviceId);
}

/**
 * Houses that came into groups or left them, of one tenant; undefined when there are none. Where they can't be looked at
 * together it is one by one, and those that can't be looked at at all wait.
 */
export async function computeMarked(
  database: Database,
  limit: number,
): Promise<(ChangedHouses & { readonly marked: number }) | undefined> {
  const { rows } = await sql<{ deviceId: string; tenantId: string }>`
    select device_id as "deviceId", tenant_id as "tenantId" from configuration_marks
    where marked_at <= now() and tenant_id = (
      select tenant_id from configuration_marks where marked_at <= now() order by marked_at limit 1)
    order by marked_at limit ${limit}`.execute(database);
  const tenantId = rows[0]?.tenantId;
  if (tenantId === undefined) return undefined;
  const ids = rows.map(({ deviceId }) => deviceId);
  const deviceIds = await computeThese(database, tenantId, ids).catch(async () => {
    const changed: string[] = [];
    for (const id of ids)
      changed.push(...(await computeThese(database, tenantId, [id]).catch(() => postponeMark(database, id))));
    return changed;
  });
  return { tenantId, deviceIds, marked: ids.length };
}

async function computeThese(database: Database, tenantId: string, ids: readonly string[]): Promise<string[]> {
  return await database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ id: string }>`
      select device_id as id from configuration_marks where device_id = any(${[...ids]}::uuid[])
      order by device_id for update skip locked`.execute(transaction);
    const locked = rows.map(({ id }) => id);
    const changed = await computeDesired(transaction, tenantId, locked, { by: null, confirmMs: null });
    await sql`delete from configuration_marks where device_id = any(${locked}::uuid[])`.execute(transaction);
    return changed;
  });
}

async function postponeMark(database: Database, id: string): Promise<string[]> {
  await sql`update configuration_marks set marked_at = now() + make_interval(secs => ${CONFIGURATION_RETRY_MS / 1000})
    where device_id = ${id}`.execute(database);
  return [];
}

export async function forgetJobs(database: Database): Promise<void> {
  // A newer change of the same group ends one that was under way.
  await sql`delete from configuration_job_houses using configuration_jobs
    where configuration_jobs.id = job_id and ended_at is not null`.execute(database);
  await sql`delete from configuration_jobs
    where ended_at < now() - make_interval(secs => ${CONFIGURATION_JOB_KEPT_MS / 1000})`.execute(database);
}
