/** Where updates wait, as Mender says it in update control maps (COMPAT section 2.4). */
import type { UpdatePause } from '@lovely/api';
import { z } from 'zod';
import { LovelyError } from '../../errors.ts';

const STATES = {
  install: 'ArtifactInstall_Enter',
  reboot: 'ArtifactReboot_Enter',
  commit: 'ArtifactCommit_Enter',
} as const satisfies Record<UpdatePause, string>;
const PAUSES = Object.keys(STATES) as UpdatePause[];

const action = z.enum(['continue', 'force_continue', 'pause', 'fail']);
const state = z.object({
  action: action.default('continue'),
  on_map_expire: action.exclude(['pause']).optional(),
  on_action_executed: action.optional(),
});

export const controlMap = z.object({
  id: z.uuid().optional(),
  priority: z.number().int().min(-10).max(10).default(0),
  states: z.object({
    ArtifactInstall_Enter: state.optional(),
    ArtifactReboot_Enter: state.optional(),
    ArtifactCommit_Enter: state.optional(),
  }),
});

/** What a device is told. */
export function toControlMap(deploymentId: string, pauses: readonly UpdatePause[]) {
  const wanted = PAUSES.filter((pause) => pauses.includes(pause));
  return {
    id: deploymentId,
    priority: 0,
    states: Object.fromEntries(wanted.map((pause) => [STATES[pause], { action: 'pause' }])),
  };
}

/** Throws 'bad-input' for an action that we have no word for: a map that fails the update. */
export function pausesOf({ states }: z.infer<typeof controlMap>): UpdatePause[] {
  const failing = PAUSES.find((pause) => states[STATES[pause]]?.action === 'fail');
  if (failing !== undefined)
    throw new LovelyError('bad-input', `${STATES[failing]}: "fail" is not offered; abort the deployment instead.`);
  return PAUSES.filter((pause) => states[STATES[pause]]?.action === 'pause');
}
