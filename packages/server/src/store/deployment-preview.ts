/** A dry run of a deployment: what would become of the houses of its target, as far as that is known. */
import { sql, type RawBuilder } from 'kysely';
import type { DeploymentOptions, DeploymentTarget, previewDeployment, Result } from '@lovely/api';
import { chooseArtifact, type Provides } from '../domain/artifact-choice.ts';
import { phasesOf } from '../domain/deployment-plan.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { windowAt, zoneOfHouse } from '../domain/maintenance-window.ts';
import { LovelyError } from '../errors.ts';
import { DEPLOYMENT_SAMPLE_HOUSES } from '../software-limits.ts';
import { artifactsOfName } from './deployment-artifacts.ts';
import { groupOfTarget, inTarget } from './deployment-collection.ts';
import { requireTarget } from './deployments.ts';
import type { Database } from './store.ts';

type Preview = Result<typeof previewDeployment>;
type Sample = Preview['compatible']['sample'];

/** Houses that provide the same are judged together, so that a million cost no more than to count their kinds. */
interface Kind {
  readonly kind: string;
  readonly provides: Provides;
  readonly houses: number;
  readonly offline: number;
  readonly busy: number;
}

const CLASSES = ['compatible', 'alreadyInstalled', 'noArtifact', 'unknown', 'offline', 'busy'] as const;
type Class = (typeof CLASSES)[number];

/** Throws as `insertDeployment`. */
export async function previewHouses(
  database: Database,
  tenantId: string,
  of: {
    readonly artifactName: string;
    readonly target: DeploymentTarget;
    readonly options: DeploymentOptions;
    readonly scope: DeviceScope;
  },
): Promise<Preview> {
  const artifacts = await artifactsOfName(database, tenantId, of.artifactName);
  if (artifacts.length === 0) throw new LovelyError('no-such-artifact');
  await requireTarget(database, tenantId, of.target, of.scope);
  const meant = await housesMeant(database, tenantId, of);
  const kinds = await listKinds(database, tenantId, meant);
  const found = Object.fromEntries(CLASSES.map((one) => [one, { houses: 0, kinds: [] as string[] }])) as Record<
    Class,
    { houses: number; kinds: string[] }
  >;
  const add = (to: Class, { kind }: Kind, houses: number): void => {
    found[to].houses += houses;
    if (houses > 0) found[to].kinds.push(kind);
  };
  let houses = 0;
  let bytes = 0;
  const byArtifact = new Map(artifacts.map((one) => [one.id, { ...one, houses: 0 }]));
  for (const kind of kinds) {
    houses += kind.houses;
    const choice = chooseArtifact(artifacts, kind.provides, of.options.force);
    add(CLASS_OF[choice.kind], kind, kind.houses);
    if (choice.kind !== 'artifact') continue;
    add('offline', kind, kind.offline);
    add('busy', kind, kind.busy);
    bytes += kind.houses * choice.artifact.bytes;
    byArtifact.get(choice.artifact.id)!.houses += kind.houses;
  }
  const classes = {} as Record<Class, { houses: number; sample: Sample }>;
  for (const one of CLASSES)
    classes[one] = { houses: found[one].houses, sample: await sampleOf(database, meant, one, found[one].kinds) };
  return {
    houses,
    ...classes,
    bytes,
    artifacts: [...byArtifact.values()].map(({ id, deviceTypes, bytes: size, houses: many }) => ({
      id,
      deviceTypes: [...deviceTypes],
      bytes: size,
      houses: many,
    })),
    phases: phasesOf(of.options.phases, found.compatible.houses + found.unknown.houses),
    windowOpensAt: await opensAt(database, tenantId, of),
  };
}

const CLASS_OF = {
  artifact: 'compatible',
  'already-installed': 'alreadyInstalled',
  noartifact: 'noArtifact',
  unknown: 'unknown',
} as const;

/** The houses of the target, by what they provide: what their gateway told, else what its inventory says. */
async function housesMeant(
  database: Database,
  tenantId: string,
  { target, scope }: { readonly target: DeploymentTarget; readonly scope: DeviceScope },
): Promise<RawBuilder<unknown>> {
  const group = await groupOfTarget(database, tenantId, target);
  return sql`(
    select devices.id, devices.name, coalesce(presence.connected, false) as is_connected, busy.device_id is not null as is_busy,
      coalesce(software.digest, ${FROM_INVENTORY}::text) as kind
    from devices left join presence on presence.device_id = devices.id
    left join device_software as software on software.device_id = devices.id
    left join (
      select distinct house.device_id from deployments join deployment_devices as house on house.deployment_id = deployments.id
      where deployments.tenant_id = ${tenantId} and deployments.ended_at is null and house.finished_at is null
        and (house.granted_at is not null or deployments.state = 'running')) as busy on busy.device_id = devices.id
    where devices.tenant_id = ${tenantId} and ${inTarget(target, group, scope)}) as meant`;
}

const FROM_INVENTORY = sql`jsonb_strip_nulls(jsonb_build_object('device_type', devices.inventory ->> 'device_type',
  'artifact_name', devices.inventory ->> 'artifact_name'))`;

async function listKinds(database: Database, tenantId: string, meant: RawBuilder<unknown>): Promise<Kind[]> {
  const { rows } = await sql<Kind>`
    with kinds as (
      select kind, count(*)::int as houses, (count(*) filter (where not is_connected))::int as offline,
        (count(*) filter (where is_busy))::int as busy
      from ${meant} group by kind)
    select kinds.*, coalesce(
      (select provides from device_software as told where told.tenant_id = ${tenantId} and told.digest = kinds.kind limit 1),
      case when starts_with(kinds.kind, '{') then kinds.kind::jsonb end, '{}') as provides
    from kinds order by houses desc`.execute(database);
  return rows;
}

async function sampleOf(
  database: Database,
  meant: RawBuilder<unknown>,
  of: Class,
  kinds: readonly string[],
): Promise<Sample> {
  if (kinds.length === 0) return [];
  const condition = of === 'offline' ? sql`and not is_connected` : of === 'busy' ? sql`and is_busy` : sql``;
  const { rows } = await sql<Sample[number]>`select id, name from ${meant}
    where kind = any(${[...kinds]}::text[]) ${condition} limit ${DEPLOYMENT_SAMPLE_HOUSES}`.execute(database);
  return rows;
}

/** By the clock of the organisation, or of the zone that was chosen: houses elsewhere may differ. */
async function opensAt(
  database: Database,
  tenantId: string,
  { options: { window } }: { readonly options: DeploymentOptions },
): Promise<string | null> {
  if (window === null) return null;
  const tenant = await database.selectFrom('tenants').select('settings').where('id', '=', tenantId).executeTakeFirst();
  const zone = window.zone === 'house' ? zoneOfHouse([tenant?.settings.timeZone]) : window.zone;
  const state = windowAt(window, zone, Date.now());
  return state.isOpen ? null : new Date(state.opensMs).toISOString();
}
