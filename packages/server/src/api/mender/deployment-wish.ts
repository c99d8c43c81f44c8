/** What Mender's tools ask for when they deploy something (COMPAT section 3.4), in our words. */
import {
  DEPLOYMENT_DEVICES_MAX,
  DEPLOYMENT_PHASES_MAX,
  DEPLOYMENT_RETRIES_MAX,
  deploymentOptions,
  NAME_LENGTH_MAX,
  type DeploymentOptions,
} from '@lovely/api';
import { z } from 'zod';
import { LovelyError } from '../../errors.ts';
import { controlMap, pausesOf } from './control-map.ts';

const name = z.string().trim().min(1).max(NAME_LENGTH_MAX);
const time = z.iso.datetime({ offset: true });
const phase = z.object({
  /** Percent of all devices that this phase adds; the last one takes what is left. */
  batch_size: z.number().min(0).max(100).optional(),
  start_ts: time.nullish(),
});

export const newDeployment = z.object({
  name,
  artifact_name: name,
  devices: z.array(z.uuid()).min(1).max(DEPLOYMENT_DEVICES_MAX).optional(),
  all_devices: z.boolean().optional(),
  /** Of a group, in version 2. */
  group: name.optional(),
  filter_id: z.uuid().optional(),
  force_installation: z.boolean().default(false),
  phases: z.array(phase).max(DEPLOYMENT_PHASES_MAX).nullish(),
  retries: z.number().int().min(0).max(DEPLOYMENT_RETRIES_MAX).nullish(),
  update_control_map: controlMap.nullish(),
});
export type NewMenderDeployment = z.infer<typeof newDeployment>;

/** Its phases say when they start, ours how long to wait after the one before. */
export function toOptions({
  phases,
  retries,
  force_installation,
  update_control_map,
}: NewMenderDeployment): DeploymentOptions {
  const given = phases ?? [];
  const first = given[0]?.start_ts ?? null;
  let percent = 0;
  return deploymentOptions.parse({
    force: force_installation,
    retries: retries ?? 0,
    startAt: first === null ? null : new Date(first).toISOString(),
    pauseBefore: update_control_map ? pausesOf(update_control_map) : [],
    phases:
      given.length < 2
        ? []
        : given.map(({ batch_size: size, start_ts: start }, at) => {
            const isLast = at === given.length - 1;
            percent = isLast && size === undefined ? 100 : percent + (size ?? 0);
            if (percent <= 0 || percent > 100)
              throw new LovelyError('bad-request', 'phases: batch_size is percent of all devices, 100 altogether.');
            const next = given[at + 1]?.start_ts;
            return { percent, pauseMs: start && next ? Math.max(0, Date.parse(next) - Date.parse(start)) : 0 };
          }),
  });
}
