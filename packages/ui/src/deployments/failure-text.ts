/** Why updates fail, in a few words, and when; what a cause says for itself stands below it. */
import type { UpdateCause } from '@lovely/protocol';
import { count } from '../format/number.ts';

const CAUSES: Readonly<Record<UpdateCause | 'lost' | 'unknown', string>> = {
  'not-allowed': 'Updates are not allowed there',
  'no-space': 'No space on the gateway',
  'download-failed': 'The download failed',
  'bad-artifact': 'The artifact is damaged',
  'bad-checksum': 'A checksum is wrong',
  unsigned: 'The artifact is not signed',
  'bad-signature': 'The signature is not trusted',
  'wrong-device-type': 'Made for another type of device',
  'missing-depends': 'It needs other software first',
  'missing-module': 'The gateway can’t install this kind',
  'module-failed': 'The update module failed',
  'script-failed': 'A script failed',
  'timed-out': 'It took too long',
  'reboot-failed': 'It did not come up with the new software',
  'sensor-failed': 'A sensor could not be updated',
  'power-lost': 'The power went in the middle',
  aborted: 'Aborted',
  'disk-failed': 'The disk could not be written',
  loop: 'It went in circles',
  lost: 'Never heard of again',
  unknown: 'It did not say why',
};

export function causeTitle(code: string): string {
  return Object.hasOwn(CAUSES, code) ? CAUSES[code as keyof typeof CAUSES] : code;
}

/** By the beginnings of the names of steps and of the state scripts around them. */
const STEPS = [
  ['ArtifactVerifyRollbackReboot', 'while it looked at what it had brought back'],
  ['ArtifactRollbackReboot', 'while it rebooted into what it had before'],
  ['ArtifactRollback', 'while it went back'],
  ['ArtifactVerifyReboot', 'while it looked at what had come up'],
  ['ArtifactReboot', 'while it rebooted'],
  ['ArtifactInstall', 'while it installed'],
  ['ArtifactCommit', 'while it kept it for good'],
  ['ArtifactFailure', 'while it ended the failed update'],
  ['Download', 'while it downloaded'],
] as const;

/** When it failed, e.g. "while it installed (ArtifactInstall_Enter_00)"; steps that are not known are told as they are. */
export function stepText(step: string): string {
  const words = STEPS.find(([name]) => step.startsWith(name))?.[1];
  return words === undefined ? `in ${step}` : `${words} (${step})`;
}

/** Whether the houses of a group of failures run again what they ran before. */
export function rolledBackText(rolledBack: number, houses: number): string {
  if (houses === 1) return rolledBack === 1 ? 'it runs what it ran before' : 'it did not go back to what it ran before';
  if (rolledBack === houses) return 'all run what they ran before';
  return rolledBack === 0
    ? 'none went back to what they ran before'
    : `${count(rolledBack)} of ${count(houses)} run what they ran before`;
}
