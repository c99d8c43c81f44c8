/** Mender's management API: the configuration of devices (COMPAT section 3.7), and its deployment to Mender's clients. */
import { randomUUID } from 'node:crypto';
import { configurationValues, deploymentOptions, DEPLOYMENT_RETRIES_MAX } from '@lovely/api';
import { z } from 'zod';
import { event } from '../../bus/subjects.ts';
import { publishItems } from '../../bus/topic.ts';
import { writeConfigurationArtifact } from '../../configuration-artifact.ts';
import { LovelyError } from '../../errors.ts';
import { MENDER_CONFIGURATION_BYTES_MAX } from '../../limits.ts';
import { getConfiguration, replaceOwn } from '../../store/configurations.ts';
import { findConfigurationDeployment, insertConfigurationArtifact } from '../../store/configuration-artifacts.ts';
import { insertDeployment } from '../../store/deployments.ts';
import { findDeviceName } from '../../store/devices.ts';
import { getMenderConfiguration, typedValues } from '../../store/mender-configurations.ts';
import { findPollingType } from '../../store/mender-deployments.ts';
import { change, requireDeviceFor } from '../change.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { controlMap, pausesOf } from './control-map.ts';
import { menderConfiguration } from './device-configuration.ts';
import { readId } from './id.ts';
import { readBody, readInput } from './input.ts';

const PATH = '/api/management/v1/deviceconfig/configurations/device/:id';
const deployBody = z.object({
  retries: z.number().int().min(0).max(DEPLOYMENT_RETRIES_MAX).nullish(),
  update_control_map: controlMap.nullish(),
});

export function routeDeviceConfigurations(http: Http, context: ApiContext): void {
  http.get(PATH, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const id = readId(c.req.param('id'));
    const { database, tenantId } = person;
    await requireDeviceFor(person, database, 'fleet.read', id);
    const known = await getMenderConfiguration(database, tenantId, id);
    if (!known) throw new LovelyError('not-found', 'Nothing is configured on this device.');
    const deploymentId = await findConfigurationDeployment(database, tenantId, id);
    return c.json({
      id,
      configured: known.configured,
      reported: known.reported,
      ...(deploymentId === undefined ? {} : { deployment_id: deploymentId }),
      ...(known.reportedAt ? { reported_ts: known.reportedAt.toISOString() } : {}),
      ...(known.configuredAt ? { updated_ts: known.configuredAt.toISOString() } : {}),
    });
  });

  http.put(PATH, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'configuration.write', c.env.address);
    const id = readId(c.req.param('id'));
    const texts = await readBody(c.req.raw, menderConfiguration, MENDER_CONFIGURATION_BYTES_MAX);
    const { tenantId, user } = person;
    await change(context, person, 'configuration.replace', { type: 'device', id }, async (made) => {
      const { database } = made;
      await requireDeviceFor(person, database, 'configuration.write', id);
      const { own: before } = await getConfiguration(database, tenantId, id);
      const after = readInput(configurationValues, await typedValues(database, tenantId, id, texts));
      await replaceOwn(database, tenantId, id, after, { by: user.name });
      const name = (await findDeviceName(database, tenantId, id)) ?? '';
      made.audit({ object: { type: 'device', id, name }, before, after });
      made.afterCommit(() =>
        publishItems(context.bus, event(tenantId, 'configuration'), [{ device: id, ts: Date.now() }]),
      );
    });
    return c.body(null, 204);
  });

  http.post(`${PATH}/deploy`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'configuration.write', c.env.address);
    const id = readId(c.req.param('id'));
    const { retries, update_control_map: map } = await readBody(c.req.raw, deployBody);
    const { tenantId, user } = person;
    const deploymentId = await change(context, person, 'configuration.deploy', { type: 'device', id }, async (made) => {
      const { database } = made;
      await requireDeviceFor(person, database, 'configuration.write', id);
      const known = await getMenderConfiguration(database, tenantId, id);
      if (!known || known.version === 0) throw new LovelyError('not-found', 'Nothing is configured on this device.');
      const deviceType = await findPollingType(database, tenantId, id);
      if (deviceType === undefined)
        throw new LovelyError(
          'not-polling',
          'Its configuration reaches this device over the live channel, or when it is back.',
        );
      const deviceName = (await findDeviceName(database, tenantId, id)) ?? '';
      // As Mender's server does: the artifact is called as its deployment, and no other one is.
      const name = `configuration-${known.version}-${randomUUID()}`;
      const content = await writeConfigurationArtifact({ name, deviceType, values: known.configured });
      await insertConfigurationArtifact(database, tenantId, {
        deviceId: id,
        name,
        deviceType,
        version: known.version,
        content,
      });
      made.audit({ object: { type: 'device', id, name: deviceName }, details: { version: known.version } });
      return await insertDeployment(database, tenantId, {
        name,
        artifactName: name,
        kind: 'configuration',
        target: { kind: 'devices', ids: [id] },
        options: deploymentOptions.parse({ retries: retries ?? 0, pauseBefore: map ? pausesOf(map) : [], gates: null }),
        scope: person.scope('configuration.write'),
        createdBy: { type: 'user', id: user.id, name: user.name },
      });
    });
    return c.json({ deployment_id: deploymentId });
  });
}
