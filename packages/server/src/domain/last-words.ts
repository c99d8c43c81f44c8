/** Why a gateway is away, in words that end a sentence. */
import type { DisconnectReason } from '@lovely/api';

export const LAST_WORDS: Record<DisconnectReason, string> = {
  closed: 'it closed the connection itself',
  timeout: 'it fell silent',
  replaced: 'a newer connection took over',
  drained: 'the server asked it to come back later',
  'rebooting-for-update': 'it is restarting for an update',
  revoked: 'its key was revoked',
  'hub-lost': 'the server it was connected to stopped',
  'protocol-error': 'it sent what is not the protocol',
};

/** What an alert says of one that should have been back long ago. */
export function lastWords(reason: DisconnectReason | null): string {
  if (reason === null) return 'none';
  return reason === 'rebooting-for-update'
    ? 'it restarted for an update, and has not come back from that'
    : LAST_WORDS[reason];
}
