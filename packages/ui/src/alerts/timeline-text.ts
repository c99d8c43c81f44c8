/** What happened to an alert, as sentences. */
import type { AlertEvent } from '@lovely/api';
import { exactly } from '../format/time.ts';

/** Without who did it and when: those stand before and after. */
export function eventText({ kind, text, details, by }: AlertEvent): string {
  const reason = text === '' ? '' : `: ${text}`;
  switch (kind) {
    case 'opened':
      return 'It was noticed';
    case 'reopened':
      return by === null ? 'It came back' : 'opened it again';
    case 'raised':
      return typeof details.count === 'number'
        ? `It was raised again, ${details.count} times so far`
        : 'It was raised again';
    case 'closed':
      return by === null ? `It is over${reason}` : `resolved it${reason}`;
    case 'acknowledged':
      return 'acknowledged it';
    case 'unacknowledged':
      return 'took the acknowledgement back';
    case 'assigned':
      return typeof details.name === 'string' ? `assigned it to ${details.name}` : 'assigned it to nobody';
    case 'snoozed':
      return typeof details.until === 'string' ? `snoozed it until ${exactly(details.until)}` : 'snoozed it';
    case 'unsnoozed':
      return by === null ? 'The snooze is over' : 'ended the snooze';
    case 'comment':
      return text;
    case 'incident':
      return 'It became part of an incident';
    case 'fix-run':
      return text === '' ? 'A fix was run' : text;
    case 'notified':
      return text === '' ? 'Somebody was told' : text;
    case 'escalated':
      return text === '' ? 'Nobody had acknowledged it, so others were told' : text;
  }
}
