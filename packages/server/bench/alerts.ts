/**
 * The inbox with very many alerts: how long its pages, searches and counts take, each asked again and again.
 * `bun packages/server/bench/alerts.ts [--alerts 1000000] [--devices 200000]`; one alert in ten is active.
 */
import { randomUUID } from 'node:crypto';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ALL_DEVICES } from '../src/domain/device-scope.ts';
import { listAlertFacets } from '../src/store/alert-facets.ts';
import { listAlerts, type AlertFilter } from '../src/store/alert-lists.ts';
import { generateInbox } from '../src/store/generated-inbox.ts';
import { startEmbeddedDatabases } from '../src/store/test-databases.ts';
import { ensureFirstTenant } from '../src/store/tenants.ts';

const QUERIES = 21;
const PAGE = 50;
const RULES = ['disk-almost-full', 'memory-pressure', 'service-down', 'gateway-offline'];

const { values: flags } = parseArgs({
  options: { alerts: { type: 'string', default: '1000000' }, devices: { type: 'string', default: '200000' } },
});
const alerts = Number(flags.alerts);
const devices = Number(flags.devices);

await using databases = await startEmbeddedDatabases();
const store = await databases.open();
const { id: tenantId } = await ensureFirstTenant(store.database);
await generateInbox(store.database, tenantId, { devices, alerts, rules: RULES });

const pages: { readonly [name: string]: Partial<AlertFilter> } = {
  'open, the first page': { state: 'open' },
  'open and critical': { state: 'open', severity: 'critical' },
  'open, of one rule': { state: 'open', rule: RULES[1] },
  'open, of nobody': { state: 'open', assigneeId: null },
  closed: { state: 'closed' },
  'search: one house': { search: 'lindenweg 4711' },
  'search: nothing there': { search: 'gibtesnicht' },
};
console.log(
  `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()[0]!.toFixed(0)}, Bun ${Bun.version}`,
);
console.log(
  `${alerts.toLocaleString('en')} alerts of ${devices.toLocaleString('en')} houses, one in ten active; median of ${QUERIES} (slowest)`,
);
const database = store.of(tenantId);
for (const [name, filter] of Object.entries(pages))
  await measure(name, () => listAlerts(database, tenantId, ALL_DEVICES, { limit: PAGE, ...filter }));
await measure('open, the hundredth page', deepPage());
for (const state of ['open', 'active'] as const)
  await measure(`counts and facets, ${state}`, () =>
    listAlertFacets(database, tenantId, ALL_DEVICES, { userId: randomUUID(), state }),
  );

/** From a cursor far down: as quick as the first, or the pages are not read from an index. */
function deepPage(): () => Promise<unknown> {
  let cursor: string | undefined;
  const ready = (async () => {
    for (let page = 0; page < 10; page++) {
      const { next } = await listAlerts(database, tenantId, ALL_DEVICES, { limit: 10 * PAGE, state: 'open', cursor });
      cursor = next ?? undefined;
    }
  })();
  return async () => {
    await ready;
    return await listAlerts(database, tenantId, ALL_DEVICES, { limit: PAGE, state: 'open', cursor });
  };
}

async function measure(name: string, query: () => Promise<unknown>): Promise<void> {
  await query();
  const times: number[] = [];
  for (let at = 0; at < QUERIES; at++) {
    const startedMs = performance.now();
    await query();
    times.push(performance.now() - startedMs);
  }
  const sorted = times.toSorted((a, b) => a - b);
  console.log(`  ${name.padEnd(28)} ${sorted[QUERIES >> 1]!.toFixed(1)} ms (${sorted.at(-1)!.toFixed(1)})`);
}
