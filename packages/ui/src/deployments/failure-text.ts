/** Why updates fail, in a few words; what a cause says for itself stands below it. */
import type { UpdateCause } from '@lovely/protocol';

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
