import { expect, test } from 'bun:test';
import type { AlertEvent } from '@lovely/api';
import { eventText } from './timeline-text.ts';

const event = (part: Partial<AlertEvent>): AlertEvent => ({
  id: '1',
  at: '2026-11-22T12:00:00Z',
  kind: 'opened',
  by: null,
  text: '',
  details: {},
  ...part,
});
const ada = { id: '2', name: 'Ada' };

test('what a person did reads on after their name, what nobody did is a sentence of its own', () => {
  expect([
    eventText(event({ kind: 'closed' })),
    eventText(event({ kind: 'closed', by: ada, text: 'Cleaned the disk.' })),
    eventText(event({ kind: 'unsnoozed' })),
    eventText(event({ kind: 'assigned', by: ada, details: { userId: '3', name: 'Ida' } })),
    eventText(event({ kind: 'assigned', by: ada, details: { userId: null } })),
    eventText(event({ kind: 'raised', details: { count: 3 } })),
  ]).toEqual([
    'It is over',
    'resolved it: Cleaned the disk.',
    'The snooze is over',
    'assigned it to Ida',
    'assigned it to nobody',
    'It was raised again, 3 times so far',
  ]);
});
