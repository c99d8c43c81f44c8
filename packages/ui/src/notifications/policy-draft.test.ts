import { expect, test } from 'bun:test';
import { policyProblems, type PolicyDraft } from './policy-draft.ts';

const FINE: PolicyDraft = {
  name: 'At night',
  enabled: true,
  match: { severities: [], rules: [], groupIds: [], sensorKinds: [] },
  recipients: [{ kind: 'email', address: 'janitor@example.com' }],
  escalation: [{ afterMinutes: 15, recipients: [{ kind: 'role', roleId: 'admin' }] }],
  delaySeconds: 60,
  bundleMinutes: 10,
  repeatMinutes: null,
  quietHours: null,
  tellsResolved: true,
  isLast: false,
};
const wrong = (part: Partial<PolicyDraft>): Record<string, string> =>
  Object.fromEntries(policyProblems({ ...FINE, ...part }));

test('a policy that is fine has no problem', () => {
  expect(wrong({})).toEqual({});
});

test('whoever is not named yet, or can not be written to, is marked where they stand', () => {
  expect(wrong({ recipients: [] })).toEqual({ recipients: 'Nobody would be told: add somebody.' });
  expect(
    wrong({
      recipients: [
        { kind: 'user', userId: '' },
        { kind: 'email', address: 'janitor' },
      ],
    }),
  ).toMatchObject({
    'recipients.0': 'Say who, or take this line away.',
    'recipients.1.address': 'An e-mail address, as janitor@example.com.',
  });
});

test('figures out of bounds are told in the unit that people see, and steps must follow each other', () => {
  expect(
    wrong({
      delaySeconds: 1e9,
      repeatMinutes: 1,
      escalation: [15, 15].map((afterMinutes) => ({ afterMinutes, recipients: FINE.recipients })),
      quietHours: { from: '', to: '07:00', days: [1], timeZone: 'UTC', criticalBreaksThrough: true },
    }),
  ).toMatchObject({
    delaySeconds: 'At most 1 day.',
    repeatMinutes: 'At least 5 minutes.',
    'escalation.1.afterMinutes': 'This is to be later than what is before it.',
    'quietHours.from': 'A time of day, as 22:00.',
  });
});
