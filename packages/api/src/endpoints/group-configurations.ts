/** Configuration of groups: what all their houses are set to, unless a stronger group or the house itself says else. */
import { z } from 'zod';
import { configurationValues, confirmMs } from '../configuration-values.ts';
import { endpoint } from '../endpoint.ts';
import { CONFIGURATION_PRIORITY_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import {
  configurationCounts,
  configurationHistoryPage,
  configurationNote,
  configurationVersion,
  getDeviceConfigurationForm,
} from './configurations.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

export const groupConfiguration = z.object({
  groupId: id,
  values: configurationValues,
  /** Of two groups that say something else, the higher number wins; of equal ones, the first by name. */
  priority: z.number().int(),
  /** Counts the changes; 0: nothing was ever set. Send it as If-Match. */
  version: z.number().int(),
  updatedAt: time.nullable(),
  updatedBy: z.string().nullable(),
  /** Bringing the last change to the houses; null: it has come to all. */
  progress: z
    .object({
      /** Houses that were looked at, of about so many. */
      done: z.number().int(),
      total: z.number().int(),
      /** Houses that are to be set to something else by it. */
      changed: z.number().int(),
      startedAt: time,
    })
    .nullable(),
  /** Its houses that the caller may see. */
  counts: configurationCounts,
});
export type GroupConfiguration = z.infer<typeof groupConfiguration>;

const priority = z.number().int().min(0).max(CONFIGURATION_PRIORITY_MAX);

export const getGroupConfiguration = endpoint({
  method: 'GET',
  path: '/api/v1/groups/{id}/configuration',
  summary: 'What a group sets on its houses, and how far they are',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: groupConfiguration,
  status: 200,
});

export const putGroupConfiguration = endpoint({
  method: 'PUT',
  path: '/api/v1/groups/{id}/configuration',
  summary: 'Replace what a group sets on its houses; it comes to them one after the other, in the background',
  access: 'configuration.write',
  action: 'group-configuration.replace',
  params: byId,
  query: none,
  body: z.object({
    values: configurationValues,
    priority: priority.default(100),
    confirmMs: confirmMs.nullable().default(null),
    note: configurationNote,
  }),
  result: groupConfiguration,
  status: 200,
});

export const getGroupConfigurationForm = endpoint({
  method: 'GET',
  path: '/api/v1/groups/{id}/configuration/form',
  summary: 'What can be set by a group: the fields of all gateways and of the client',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: getDeviceConfigurationForm.result,
  status: 200,
});

export const groupConfigurationVersion = configurationVersion.extend({ priority: z.number().int() });
export type GroupConfigurationVersion = z.infer<typeof groupConfigurationVersion>;

export const listGroupConfigurationVersions = endpoint({
  method: 'GET',
  path: '/api/v1/groups/{id}/configuration/versions',
  summary: 'What a group set, the newest version first',
  access: 'fleet.read',
  params: byId,
  query: configurationHistoryPage,
  body: nothing,
  result: z.object({ items: z.array(groupConfigurationVersion), hasMore: z.boolean() }),
  status: 200,
});

export const revertGroupConfiguration = endpoint({
  method: 'POST',
  path: '/api/v1/groups/{id}/configuration/revert',
  summary: 'Have a group set what an earlier version said, as a new version',
  access: 'configuration.write',
  action: 'group-configuration.revert',
  params: byId,
  query: none,
  body: z.object({ version: z.number().int().min(0), confirmMs: confirmMs.nullable().default(null) }),
  result: groupConfiguration,
  status: 200,
});
