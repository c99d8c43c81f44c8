/** Failures that are the same but for names and numbers, and what helps against them. */
import { createHash } from 'node:crypto';
import type { UpdateCauseFound } from '@lovely/api';

/** The message without what differs from house to house: ids, numbers, names of temporary files, times. */
export function generalised(message: string): string {
  return message
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, '…')
    .replace(/\b\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?/g, '…')
    .replace(/\/(?:tmp|run|proc|var\/tmp)\/[^\s'":,;)]*/g, '…')
    .replace(/\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b/gi, '…')
    .replace(/\b(?:0x)?[0-9a-f]*\d[0-9a-f]{7,}\b/gi, '…')
    .replace(/\d+(?:[.,]\d+)*/g, '…')
    .replace(/…(?:[\s./:-]?…)+/g, '…')
    .trim();
}

/** Names the group that a failure belongs to. */
export function failureKey({ code, step, message }: UpdateCauseFound): string {
  return createHash('sha256')
    .update(JSON.stringify([code, step, generalised(message)]))
    .digest('hex')
    .slice(0, 16);
}

const SUGGESTIONS: Readonly<Record<string, string>> = {
  'not-allowed':
    'The owner of these gateways does not let the server update them: set `updates` to yes on the gateway.',
  'no-space':
    'Make room on the gateways (old logs, caches, unused packages), then retry. A smaller artifact helps too.',
  'download-failed':
    'The connection broke while it downloaded. Retry; for weak links set a lower rate or fewer houses at a time.',
  'bad-artifact': 'The artifact is not what the gateway can read. Build it again and check it with `lovely artifact`.',
  'bad-checksum':
    'What arrived is not what was signed. If it is one house, its disk or memory may be bad; if it is many, build the artifact again.',
  unsigned: 'These gateways only take signed artifacts: sign it with a key that they trust, upload it and retry.',
  'bad-signature': 'Signed with a key that these gateways do not trust: sign it with theirs, or give them the key.',
  'wrong-device-type': 'Not made for this type of device: choose another target, or build an artifact for it.',
  'missing-depends': 'It goes on top of another version: roll that one out first.',
  'missing-module': 'The update module for this kind of payload is not on the gateways: install it there first.',
  'module-failed': 'The update module ended with an error: the log says at which step and why.',
  'script-failed': 'A state script ended with an error: the log has what it printed.',
  'timed-out':
    'A step took too long or said nothing for too long. If it is only slow, give it more time on the gateway.',
  'reboot-failed':
    'The gateways did not come up with the new software and went back. Try it on one house with a serial console before you go on.',
  'sensor-failed':
    'A sensor could not be updated; the timeline says which. See that it is in reach and has power, then retry.',
  'power-lost':
    'The gateway stopped in the middle of it. If that is one house, retry; if many, the update itself may crash them.',
  aborted: 'Somebody ended it. Start a new deployment if that was not meant.',
  'disk-failed': 'The disk could not be written: it may be full, read-only or broken.',
  loop: 'It went round in circles and was ended: an update module or script keeps asking for another reboot or try.',
  lost: 'These houses began and told nothing more of it. Look whether they have power and internet; if they are many, do not go on.',
};

export function suggestionFor(code: string): string {
  return SUGGESTIONS[code] ?? 'The gateway did not say why. The log may: look at one of these houses.';
}
