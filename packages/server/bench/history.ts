/**
 * History at several sizes: how long the charts of one house take, whatever else is stored beside it, and what writing and
 * rolling up cost. The slope of these figures is what larger sizes are reckoned from.
 * `bun packages/server/bench/history.ts [--devices 1000]`
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { HISTORY_RETENTION_DAYS, RESOLUTION_MS } from '../src/domain/history.ts';
import { generateFleet } from '../src/store/generated-fleet.ts';
import { generateHistory, makePartitionsBack, sizeOfHistory } from '../src/store/generated-history.ts';
import { readHistory } from '../src/store/history.ts';
import { rollUp } from '../src/store/history-rollups.ts';
import { plansOf } from '../src/store/plans.ts';
import { storeStatus } from '../src/store/status.ts';
import { startEmbeddedDatabases } from '../src/store/test-databases.ts';
import { ensureFirstTenant } from '../src/store/tenants.ts';

const METRICS = 20;
const HOUR_MS = 3600_000;
const DAYS = { raw: 0.5, '5min': 7, '1h': 30 } as const;
const QUERIES = 21;
const WRITTEN_REPORTS = 20_000;
const BATCH = 1000;
const BUDGET_MS = 50;
/** A thousand devices with twenty metrics, a report a minute, for 30 days: nearly 10⁹ samples. */
const FULL_SAMPLES = 1000 * METRICS * 30 * 24 * 60;

const { values: flags } = parseArgs({ options: { devices: { type: 'string', default: '1000' } } });
const total = Number(flags.devices);
const sizes = [0.03, 0.1, 0.3, 1].map((share) => Math.max(1, Math.round(total * share)));
const nowMs = Date.now();

await using databases = await startEmbeddedDatabases();
const store = await databases.open();
const { id: tenantId } = await ensureFirstTenant(store.database);
await generateFleet(store.database, tenantId, total);
const ids = (await store.database.selectFrom('devices').select('id').execute()).map(({ id }) => id);
await makePartitionsBack(store, DAYS, nowMs);

console.log(
  `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpus()[0]?.model.trim()}, Bun ${Bun.version}`,
);
console.log(
  `charts of one house with ${METRICS} metrics: median of ${QUERIES} houses (fastest; CPU of the server), rows read by PostgreSQL`,
);
const charts = { '30 days': 30 * 24, '7 days': 7 * 24, '8 hours': 8 } as const;
let stored = 0;
for (const size of sizes) {
  await generateHistory(store, ids.slice(stored, size), { days: DAYS, metrics: METRICS, nowMs });
  stored = size;
  const { rows, bytes } = await sizeOfHistory(store);
  console.log(
    `\n${size} houses, ${count(rows)} rows, ${count(rows * METRICS)} figures, ${(bytes / 2 ** 20).toFixed(0)} MiB`,
  );
  for (const [name, hours] of Object.entries(charts)) await measureChart(name, hours, size);
}
console.log(
  `\nA report a minute of 1,000 houses for 30 days is ${count(FULL_SAMPLES)} samples: 43.2 million reports, of which 7 days are kept
(10.1 million), 8.6 million rows of 5 minutes and 0.7 million of an hour. A chart reads by its key from the partitions of its days alone, so
that more houses only make an index deeper: the slope between the sizes above is what remains to be reckoned with.`,
);
await measureWriting();

async function measureChart(name: string, hours: number, size: number): Promise<void> {
  const times: number[] = [];
  const range = { fromMs: nowMs - hours * HOUR_MS, toMs: nowMs, points: 500 };
  const readOne = (deviceId: string, database = store.of(tenantId)) =>
    readHistory(database, tenantId, { deviceId, source: '', metrics: [] }, range, { nowMs });
  let points = 0;
  const cpuBefore = process.cpuUsage();
  for (let at = 0; at < QUERIES; at++) {
    const deviceId = ids[Math.floor((at * size) / QUERIES)]!;
    const startedMs = performance.now();
    const { times: steps } = await readOne(deviceId);
    times.push(performance.now() - startedMs);
    points = steps.length;
  }
  const cpu = process.cpuUsage(cpuBefore);
  const cpuMs = (cpu.user + cpu.system) / 1000 / QUERIES;
  const { result, plans } = await plansOf(store, tenantId, (database) => readOne(ids[0]!, database));
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[QUERIES >> 1]!;
  const verdict = hours === 30 * 24 ? ` (budget ${BUDGET_MS} ms: ${median <= BUDGET_MS ? 'kept' : 'missed'})` : '';
  console.log(
    `  ${name.padEnd(8)} ${median.toFixed(1)} ms (${sorted[0]!.toFixed(1)}; ${cpuMs.toFixed(1)})${verdict}, ${points} points of ${result.resolution}, ` +
      `${plans[0]!.rowsRead} rows, PostgreSQL ${plans[0]!.durationMs.toFixed(1)} ms`,
  );
}

/** As a worker does it: batches of reports with a few values each, then their roll-ups. */
async function measureWriting(): Promise<void> {
  await rollUp(store, '5min', HISTORY_RETENTION_DAYS);
  await rollUp(store, '1h', HISTORY_RETENTION_DAYS);
  const startedMs = performance.now();
  for (let at = 0; at < WRITTEN_REPORTS; at += BATCH)
    await storeStatus(
      store,
      Array.from({ length: BATCH }, (_, nth) => ({
        tenantId,
        deviceId: ids[(at + nth) % ids.length]!,
        source: 'meter',
        tsMs: nowMs - (at + nth) * 50,
        values: { 'power.watts': nth, 'grid.volts': 230 + (nth % 7), 'panel.volts': nth % 400, 'inverter.state': 'on' },
      })),
    );
  const writtenMs = performance.now() - startedMs;
  const buckets = await rollUp(store, '5min', HISTORY_RETENTION_DAYS);
  const rolledMs = performance.now() - startedMs - writtenMs;
  console.log(
    `\nwriting ${count(WRITTEN_REPORTS)} reports of four values, last values included: ${perUnit(writtenMs, WRITTEN_REPORTS)} a report`,
  );
  console.log(
    `rolling them up into ${count(buckets)} rows of 5 minutes: ${perUnit(rolledMs, WRITTEN_REPORTS)} a report`,
  );
  console.log(
    `(a bucket is computed anew each minute in which something of it came: at most ${RESOLUTION_MS['5min'] / 60_000} times)`,
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function perUnit(ms: number, units: number): string {
  return `${((ms * 1000) / units).toFixed(1)} µs`;
}
