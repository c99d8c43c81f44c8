/** Logs of failed updates: a bounded part of each, and why it failed where the gateway did not say. */
import { sql } from 'kysely';
import type { LogLine } from '@lovely/api';
import { withCause } from '../domain/deployment-report.ts';
import { findFailureCause } from '../domain/failure-cause.ts';
import type { House } from '../domain/deployment-house.ts';
import { DEPLOYMENT_LOG_BYTES_MAX, DEPLOYMENT_LOG_LINE_LENGTH_MAX } from '../software-limits.ts';
import type { DeploymentChange } from './deployment-changes.ts';
import { HOUSE, storable, writeHouses } from './deployment-houses.ts';
import type { ReportOutcome } from './deployment-reports.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface DeploymentLog {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly deploymentId: string;
  readonly attempt?: number | undefined;
  /** Rises with each part; undefined: this is all of it, and takes the place of what there was. */
  readonly messageId?: number | undefined;
  readonly lines: readonly LogLine[];
}

/** Keeps what fits; also of updates that are over. Publish the changes with `announceDeployments` once it is committed. */
export async function storeDeploymentLog(
  database: Database,
  { tenantId, deviceId, deploymentId, attempt, messageId, lines }: DeploymentLog,
): Promise<{ outcome: Exclude<ReportOutcome, 'aborted'>; changes: DeploymentChange[] }> {
  return await inTransaction(database, async (transaction) => {
    const { rows } = await sql<House>`select ${HOUSE} from deployment_devices as house
      where house.deployment_id = ${deploymentId} and house.device_id = ${deviceId} and house.tenant_id = ${tenantId}
        and house.began_at is not null for update`.execute(transaction);
    const house = rows[0];
    const of = attempt ?? house?.attempt ?? 1;
    if (!house || of > house.attempt) return { outcome: 'unknown', changes: [] };
    const { rows: parts } = await sql<{ bytes: number; lines: LogLine[]; isCut: boolean; isKnown: boolean }>`
      select bytes, lines, is_cut as "isCut", message_id = ${messageId ?? -1} as "isKnown" from deployment_logs
      where deployment_id = ${deploymentId} and device_id = ${deviceId} and attempt = ${of}
      order by message_id`.execute(transaction);
    if (messageId !== undefined && parts.some(({ isKnown }) => isKnown)) return { outcome: 'stored', changes: [] };
    if (messageId === undefined)
      await sql`delete from deployment_logs
        where deployment_id = ${deploymentId} and device_id = ${deviceId} and attempt = ${of}`.execute(transaction);
    const before = messageId === undefined ? [] : parts;
    const room = DEPLOYMENT_LOG_BYTES_MAX - before.reduce((sum, { bytes }) => sum + bytes, 0);
    const { kept, bytes, isCut } = fitting(lines, room);
    // A gateway that never stops talking gets no row for what brings nothing new.
    const isNews = kept.length > 0 || (isCut && !before.some((part) => part.isCut));
    if (messageId !== undefined && !isNews) return { outcome: 'stored', changes: [] };
    await transaction
      .insertInto('deployment_logs')
      .values({
        deployment_id: deploymentId,
        device_id: deviceId,
        attempt: of,
        message_id: messageId ?? 0,
        tenant_id: tenantId,
        lines: JSON.stringify(kept),
        bytes,
        is_cut: isCut,
      })
      .execute();
    await explain(transaction, house, of, [...before.flatMap((part) => part.lines), ...kept]);
    return { outcome: 'stored', changes: [{ tenantId, deploymentId, deviceId }] };
  });
}

/** What of it there is room for: the end of a log says more than its beginning. */
function fitting(lines: readonly LogLine[], room: number): { kept: LogLine[]; bytes: number; isCut: boolean } {
  const kept: LogLine[] = [];
  let bytes = 0;
  for (const { at, level, message } of lines.toReversed()) {
    const line: LogLine = { at, level, message: storable(message, DEPLOYMENT_LOG_LINE_LENGTH_MAX) };
    const size = Buffer.byteLength(line.message) + LINE_BYTES;
    if (bytes + size > room) return { kept: kept.toReversed(), bytes, isCut: true };
    bytes += size;
    kept.push(line);
  }
  return { kept: kept.toReversed(), bytes, isCut: false };
}

/** The time and the level of a line. */
const LINE_BYTES = 64;

/** Where the gateway did not say why it failed, its log may. */
async function explain(transaction: Database, house: House, attempt: number, lines: readonly LogLine[]): Promise<void> {
  if (attempt !== house.attempt || house.causeCode !== 'unknown') return;
  const cause = findFailureCause(lines);
  if (cause) await writeHouses(transaction, [{ ...house, ...withCause(cause) }]);
}
