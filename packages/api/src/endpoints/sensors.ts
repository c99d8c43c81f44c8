/** Sensors: what hangs behind the gateway of a house. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { health, id, metricValue, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();

export const sensor = z.object({
  /** Unique within its house: the `source` of its status and alerts. */
  id: z.string(),
  /** One of SENSOR_KINDS, or somebody's own. */
  kind: z.string(),
  name: z.string(),
  model: z.string(),
  serial: z.string(),
  firmware: z.string(),
  /** Where in the house it is. */
  place: z.string(),
  /** That of its worst open alert; `unknown` before it reported anything. */
  health,
  openAlerts: z.number().int(),
  /** The update of its firmware that is under way, or was the last; null when there was none. */
  update: z
    .object({
      deploymentId: id,
      deploymentName: z.string(),
      /** One of SENSOR_UPDATE_STATES of the protocol. */
      state: z.string(),
      percent: z.number().int().nullable(),
      /** Why, for people; empty when there is nothing to say. */
      message: z.string(),
      at: time,
    })
    .nullable(),
  /** The last value of each metric. */
  values: z.record(z.string(), metricValue),
  /** When it last reported anything; null when it never did. */
  reportedAt: time.nullable(),
  /** When the house first told of it. */
  createdAt: time,
  /** Since when the house tells of it no more; null while it does. */
  removedAt: time.nullable(),
});
export type Sensor = z.infer<typeof sensor>;

export const listSensors = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/sensors',
  summary: 'The sensors of a house with their last values, removed ones last',
  access: 'fleet.read',
  params: z.object({ id }),
  query: none,
  body: nothing,
  result: z.object({ items: z.array(sensor) }),
  status: 200,
});

export const listSensorModels = endpoint({
  method: 'GET',
  path: '/api/v1/sensor-models',
  summary: 'What kinds, models and firmware of sensors there are, the most common first',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    items: z.array(
      z.object({
        kind: z.string(),
        model: z.string(),
        firmware: z.string(),
        sensors: z.number().int(),
        devices: z.number().int(),
      }),
    ),
  }),
  status: 200,
});
