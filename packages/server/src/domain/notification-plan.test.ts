/** A bundle lived through minute by minute, with everything that may happen to it. */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { EscalationStep, NotificationKind } from '@lovely/api';
import {
  bundleKeys,
  matches,
  planBundle,
  policiesFor,
  SUBSCRIPTIONS,
  type AlertFacts,
  type BundleState,
  type OrderedPolicy,
  type Policy,
} from './notification-plan.ts';
import { heldUntil } from './quiet-hours.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 23, 12);

const policies: fc.Arbitrary<Policy> = fc.record({
  id: fc.constant('p'),
  name: fc.constant('p'),
  recipients: fc.constant([] as Policy['recipients']),
  escalation: fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 })
    .map((minutes) =>
      minutes
        .toSorted((a, b) => a - b)
        .map((afterMinutes) => ({ afterMinutes, recipients: [] as EscalationStep['recipients'] })),
    ),
  delaySeconds: fc.constantFrom(0, 60, 300),
  bundleMinutes: fc.constantFrom(1, 10, 30),
  repeatMinutes: fc.option(fc.integer({ min: 5, max: 40 })),
  quietHours: fc.option(
    fc.constant({
      from: '13:00',
      to: '14:00',
      days: [1, 2, 3, 4, 5, 6, 7],
      timeZone: 'UTC',
      criticalBreaksThrough: true,
    }),
  ),
  tellsResolved: fc.boolean(),
});

interface Happening {
  readonly minute: number;
  readonly what: 'open' | 'close' | 'acknowledge';
}

const happenings = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 1, max: 170 }),
      what: fc.constantFrom<Happening['what'][]>('open', 'close', 'acknowledge'),
    }),
    {
      maxLength: 8,
    },
  )
  .map((all) => all.toSorted((a, b) => a.minute - b.minute));

interface Told {
  readonly minute: number;
  readonly kind: NotificationKind;
  readonly steps: readonly number[];
  readonly isOpen: boolean;
  readonly isWaiting: boolean;
  readonly openMinutes: number;
}

/** What a worker does with a bundle that begins at minute 0 with one alert. */
function live(
  policy: Policy,
  happening: readonly Happening[],
  isCritical: boolean,
): { told: Told[]; isClosed: boolean } {
  const at = (minute: number): Date => new Date(START + minute * MINUTE_MS);
  let alerts: { openedAt: number; isWaiting: boolean }[] = [{ openedAt: 0, isWaiting: true }];
  let kept: Pick<BundleState, 'greenAt' | 'toldAt' | 'lastToldAt' | 'remindedAt' | 'step'> = {
    greenAt: null,
    toldAt: null,
    lastToldAt: null,
    remindedAt: null,
    step: 0,
  };
  const told: Told[] = [];
  let nextAt = at(0);
  for (let minute = 0; minute < 300; minute++) {
    for (const { what } of happening.filter((one) => one.minute === minute)) {
      if (what === 'open') alerts.push({ openedAt: minute, isWaiting: true });
      else if (what === 'close') alerts = [];
      else alerts = alerts.map((alert) => ({ ...alert, isWaiting: false }));
      nextAt = at(minute);
    }
    if (at(minute) < nextAt) continue;
    const { lastToldAt } = kept;
    const fresh = alerts.filter(({ openedAt }) => lastToldAt !== null && at(openedAt) > lastToldAt);
    const oldest = alerts.length === 0 ? null : Math.min(...alerts.map(({ openedAt }) => openedAt));
    const state: BundleState = {
      ...kept,
      isCritical,
      openSince: oldest === null ? null : at(oldest),
      isWaiting: alerts.some(({ isWaiting }) => isWaiting),
      newSince: fresh.length === 0 ? null : at(Math.max(...fresh.map(({ openedAt }) => openedAt))),
    };
    const plan = planBundle(policy, state, at(minute));
    for (const message of plan.messages)
      told.push({
        minute,
        ...message,
        isOpen: oldest !== null,
        isWaiting: state.isWaiting,
        openMinutes: oldest === null ? 0 : minute - oldest,
      });
    kept = { ...kept, ...plan.changes };
    if (plan.isClosed) return { told, isClosed: true };
    if (plan.nextAt <= at(minute)) throw new Error(`minute ${minute}: looks again at once, for ever`);
    nextAt = plan.nextAt;
  }
  return { told, isClosed: false };
}

describe('whatever happens to a bundle', () => {
  const lives = fc.tuple(policies, happenings, fc.boolean());
  const always = (
    check: (policy: Policy, told: readonly Told[], isCritical: boolean, isClosed: boolean) => void,
  ): void =>
    fc.assert(
      fc.property(lives, ([policy, happening, isCritical]) => {
        const { told, isClosed } = live(policy, happening, isCritical);
        check(policy, told, isCritical, isClosed);
      }),
      { numRuns: 100 },
    );

  test('the first message is that it opened, the last that it is over, and each is told once', () =>
    always((policy, told, _, isClosed) => {
      const kinds = told.map(({ kind }) => kind);
      if (kinds.length > 0) expect(kinds[0]).toBe('opened');
      expect(kinds.filter((kind) => kind === 'opened').length).toBeLessThanOrEqual(1);
      expect(kinds.filter((kind) => kind === 'resolved').length).toBeLessThanOrEqual(1);
      if (kinds.includes('resolved')) expect(kinds.at(-1)).toBe('resolved');
      if (isClosed && kinds.length > 0) expect(kinds.includes('resolved')).toBe(policy.tellsResolved);
    }));

  test('nobody is told of what has not lasted, nor in quiet hours', () =>
    always((policy, told, isCritical) => {
      for (const { minute, kind, openMinutes } of told) {
        if (kind === 'opened') expect(openMinutes * 60).toBeGreaterThanOrEqual(policy.delaySeconds);
        const now = new Date(START + minute * MINUTE_MS);
        expect(heldUntil([policy.quietHours], isCritical, now)).toEqual(now);
      }
    }));

  test('escalation and reminders stop while somebody looks after it, and steps come in order, each once', () =>
    always((policy, told) => {
      for (const { kind, isOpen, isWaiting } of told) {
        if (kind === 'escalation' || kind === 'reminder') expect([isOpen, isWaiting]).toEqual([true, true]);
        if (kind === 'resolved') expect(isOpen).toBe(false);
      }
      const steps = told.filter(({ kind }) => kind === 'escalation').flatMap((message) => message.steps);
      expect(steps).toEqual(steps.map((_, index) => index + 1));
      expect(steps.length).toBeLessThanOrEqual(policy.escalation.length);
    }));

  test('there are few messages: none sooner after the other than the policy says', () =>
    always((policy, told) => {
      const news = told.filter(({ kind }) => kind === 'opened' || kind === 'more');
      for (const [index, { minute }] of news.entries())
        if (index > 0) expect(minute - news[index - 1]!.minute).toBeGreaterThanOrEqual(policy.bundleMinutes);
      const reminders = told.filter(({ kind }) => kind === 'reminder');
      for (const [index, { minute }] of reminders.entries())
        if (index > 0) expect(minute - reminders[index - 1]!.minute).toBeGreaterThanOrEqual(policy.repeatMinutes!);
    }));
});

describe('an alert', () => {
  const alert: AlertFacts = {
    id: 'a',
    rule: 'disk-full',
    severity: 'warning',
    sensorKind: 'oven',
    groupIds: new Set(['milan']),
    incidentId: null,
  };
  const ALL = { severities: [], rules: [], groupIds: [], sensorKinds: [] };

  test('is matched by what is named, and by all where nothing is', () => {
    expect(matches(ALL, alert)).toBe(true);
    expect(matches({ ...ALL, severities: ['critical'] }, alert)).toBe(false);
    expect(matches({ ...ALL, rules: ['disk-full'], groupIds: ['rome', 'milan'] }, alert)).toBe(true);
    expect(matches({ ...ALL, groupIds: ['rome'] }, alert)).toBe(false);
    expect(matches({ ...ALL, sensorKinds: ['gateway'] }, alert)).toBe(false);
  });

  test('is for the policies in order, up to the last for its alerts', () => {
    const policy = (id: string, match = ALL, isLast = false): OrderedPolicy => ({
      ...SUBSCRIPTIONS,
      id,
      match,
      isLast,
    });
    const other = policy('other', { ...ALL, rules: ['too-hot'] as never[] }, true);
    expect(policiesFor([other, policy('a'), policy('b', ALL, true), policy('c')], alert).map(({ id }) => id)).toEqual([
      'a',
      'b',
    ]);
  });

  test('joins what its incident or its rule is told by', () => {
    expect(bundleKeys(SUBSCRIPTIONS, alert)).toEqual(['rule disk-full']);
    expect(bundleKeys(SUBSCRIPTIONS, { ...alert, incidentId: 'i' })).toEqual(['incident i', 'rule disk-full']);
    expect(bundleKeys({ ...SUBSCRIPTIONS, bundleMinutes: 0 }, alert)).toEqual(['alert a']);
  });
});
