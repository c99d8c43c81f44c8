/** A dry run of a deployment: what would become of the houses of its target, as far as that is known. */
import { sql } from 'kysely';
import type { DeploymentOptions, DeploymentTarget, previewDeployment, Result } from '@lovely/api';
import { chooseArtifact, type Provides } from '../domain/artifact-choice.ts';
import { phasesOf } from '../domain/deployment-plan.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { windowAt, zoneOfHouse } from '../domain/maintenance-window.ts';
import { LovelyError } from '../errors.ts';
import { DEPLOYMENT_SAMPLE_HOUSES } from '../limits.ts';
import { artifactsOfName } from './deployment-artifacts.ts';
import { groupOfTarget, inTarget } from './deployment-collection.ts';
import { requireTarget } from './deployments.ts';
import type { Database } from './store.ts';

type Preview = Result<typeof previewDeployment>;
type Sample = Preview['compatible']['sample'];

/** Houses that provide the same are judged together, so that a million cost no more than their kinds. */
interface Kind {
  readonly provides: Provides;
  readonly houses: number;
  readonly offline: number;
  readonly busy: number;
  readonly sample: Sample;
  readonly offlineSample: Sample;
  readonly busySample: Sample;
}

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
  const kinds = await listKinds(database, tenantId, of);
  const result = {
    houses: 0,
    compatible: emptyClass(),
    alreadyInstalled: emptyClass(),
    noArtifact: emptyClass(),
    unknown: emptyClass(),
    offline: emptyClass(),
    busy: emptyClass(),
    bytes: 0,
  };
  const byArtifact = new Map(
    artifacts.map(({ id, deviceTypes, bytes }) => [id, { id, deviceTypes, bytes, houses: 0 }]),
  );
  for (const kind of kinds) {
    result.houses += kind.houses;
    const choice = chooseArtifact(artifacts, kind.provides, of.options.force);
    switch (choice.kind) {
      case 'artifact': {
        add(result.compatible, kind.houses, kind.sample);
        add(result.offline, kind.offline, kind.offlineSample);
        add(result.busy, kind.busy, kind.busySample);
        result.bytes += kind.houses * choice.artifact.bytes;
        byArtifact.get(choice.artifact.id)!.houses += kind.houses;
        break;
      }
      case 'already-installed':
        add(result.alreadyInstalled, kind.houses, kind.sample);
        break;
      case 'noartifact':
        add(result.noArtifact, kind.houses, kind.sample);
        break;
      case 'unknown':
        add(result.unknown, kind.houses, kind.sample);
    }
  }
  return {
    ...result,
    artifacts: [...byArtifact.values()].map((one) => ({ ...one, deviceTypes: [...one.deviceTypes] })),
    phases: phasesOf(of.options.phases, result.compatible.houses + result.unknown.houses),
    windowOpensAt: await opensAt(database, tenantId, of),
  };
}

interface MutableClass {
  houses: number;
  sample: Sample;
}

function emptyClass(): MutableClass {
  return { houses: 0, sample: [] };
}

function add(to: MutableClass, houses: number, sample: Sample): void {
  to.houses += houses;
  to.sample = [...to.sample, ...sample].slice(0, DEPLOYMENT_SAMPLE_HOUSES);
}

async function listKinds(
  database: Database,
  tenantId: string,
  { target, scope }: { readonly target: DeploymentTarget; readonly scope: DeviceScope },
): Promise<Kind[]> {
  const group = await groupOfTarget(database, tenantId, target);
  const some = (condition: string): ReturnType<typeof sql.raw> =>
    sql.raw(
      `coalesce((array_agg(jsonb_build_object('id', id, 'name', name) order by id) filter (where ${condition}))[1:${DEPLOYMENT_SAMPLE_HOUSES}], '{}')`,
    );
  const { rows } = await sql<Kind>`
    with meant as (
      select devices.id, devices.name, coalesce(presence.connected, false) as is_connected,
        coalesce(software.provides, jsonb_strip_nulls(jsonb_build_object('device_type', devices.inventory ->> 'device_type',
          'artifact_name', devices.inventory ->> 'artifact_name'))) as provides,
        exists (select from deployment_devices as house join deployments on deployments.id = house.deployment_id
          where house.device_id = devices.id and house.finished_at is null
            and (house.granted_at is not null or deployments.state = 'running')) as is_busy
      from devices left join presence on presence.device_id = devices.id
      left join device_software as software on software.device_id = devices.id
      where devices.tenant_id = ${tenantId} and ${inTarget(target, group, scope)})
    select provides, count(*)::int as houses, (count(*) filter (where not is_connected))::int as offline,
      (count(*) filter (where is_busy))::int as busy, to_jsonb(${some('true')}) as sample,
      to_jsonb(${some('not is_connected')}) as "offlineSample", to_jsonb(${some('is_busy')}) as "busySample"
    from meant group by provides order by 2 desc`.execute(database);
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
