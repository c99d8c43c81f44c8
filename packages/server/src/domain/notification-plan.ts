/**
 * Decides who is told of what, and when. Pure: what is known goes in with the time, what is to be done comes out. A policy
 * gathers alerts in bundles (one incident, or one rule for a while); the messages are about a bundle.
 */
import type { AlertMatch, EscalationStep, NotificationKind, QuietHours, Recipient, Severity } from '@lovely/api';
import { heldUntil } from './quiet-hours.ts';

/** A notification policy, or what stands for all subscriptions together. */
export interface Policy {
  /** Null: the subscriptions. */
  readonly id: string | null;
  readonly name: string | null;
  readonly recipients: readonly Recipient[];
  readonly escalation: readonly EscalationStep[];
  readonly delaySeconds: number;
  readonly bundleMinutes: number;
  readonly repeatMinutes: number | null;
  readonly quietHours: QuietHours | null;
  readonly tellsResolved: boolean;
}

export interface OrderedPolicy extends Policy {
  readonly id: string;
  readonly match: AlertMatch;
  readonly isLast: boolean;
}

/** Subscribers say themselves what and when; what they share is how fast and how often. */
export const SUBSCRIPTIONS: Policy = {
  id: null,
  name: null,
  recipients: [],
  escalation: [],
  delaySeconds: 60,
  bundleMinutes: 10,
  repeatMinutes: null,
  quietHours: null,
  tellsResolved: true,
};

export interface AlertFacts {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  /** `gateway` for the gateway itself. */
  readonly sensorKind: string;
  /** Groups of the house, as far as anybody asks for them. */
  readonly groupIds: ReadonlySet<string>;
  readonly incidentId: string | null;
}

export function matches({ severities, rules, groupIds, sensorKinds }: AlertMatch, alert: AlertFacts): boolean {
  return (
    allows(severities, alert.severity) &&
    allows(rules, alert.rule) &&
    allows(sensorKinds, alert.sensorKind) &&
    (groupIds.length === 0 || groupIds.some((id) => alert.groupIds.has(id)))
  );
}

const allows = <T>(wanted: readonly T[], value: T): boolean => wanted.length === 0 || wanted.includes(value);

/** The policies that an alert is for: in order, up to one that is the last where it applies. */
export function policiesFor(ordered: readonly OrderedPolicy[], alert: AlertFacts): OrderedPolicy[] {
  const applying = ordered.filter((policy) => matches(policy.match, alert));
  const last = applying.findIndex((policy) => policy.isLast);
  return last < 0 ? applying : applying.slice(0, last + 1);
}

/** The bundles that an alert may join, the best first; a new one is named by the first. */
export function bundleKeys({ bundleMinutes }: Policy, { id, rule, incidentId }: AlertFacts): string[] {
  if (bundleMinutes === 0) return [`alert ${id}`];
  return incidentId === null ? [`rule ${rule}`] : [`incident ${incidentId}`, `rule ${rule}`];
}

/** An incident is one thing for as long as it lasts; one rule may mean another problem later. */
export function acceptsUntil({ bundleMinutes }: Policy, key: string, now: Date): Date | null {
  return key.startsWith('incident ') ? null : after(now, bundleMinutes * 60);
}

/** What is known of a bundle; alerts count as open until they are closed, and as waiting while nobody looks after them. */
export interface BundleState {
  /** Of the open alerts, when the oldest came; null when none is open. */
  readonly openSince: Date | null;
  /** Whether any open alert is neither acknowledged nor snoozed. */
  readonly isWaiting: boolean;
  readonly isCritical: boolean;
  /** When the newest open alert came that no message was about yet; null when there is none. */
  readonly newSince: Date | null;
  /** When it was seen that none was open any more. */
  readonly greenAt: Date | null;
  readonly toldAt: Date | null;
  readonly lastToldAt: Date | null;
  readonly remindedAt: Date | null;
  /** Steps of escalation that were taken. */
  readonly step: number;
}

export interface PlannedMessage {
  readonly kind: NotificationKind;
  /** Whom: 0 for the recipients of the policy, n for those of its nth step. */
  readonly steps: readonly number[];
}

export interface BundlePlan {
  readonly messages: readonly PlannedMessage[];
  readonly isClosed: boolean;
  /** When to look again at the latest, whatever happens before. */
  readonly nextAt: Date;
  readonly changes: Partial<Pick<BundleState, 'greenAt' | 'toldAt' | 'lastToldAt' | 'remindedAt' | 'step'>>;
}

/** What a change may be overlooked for at most: somebody takes an acknowledgement back, a snooze ends, a house is deleted. */
const LOOK_AGAIN_SECONDS = 300;
const LOOK_AGAIN_SOON_SECONDS = 30;

export function planBundle(policy: Policy, state: BundleState, now: Date): BundlePlan {
  const held = heldUntil([policy.quietHours], state.isCritical, now);
  const again = after(now, LOOK_AGAIN_SECONDS);
  const nothing = { messages: [], isClosed: false, changes: {} };
  if (state.openSince === null) {
    // Nobody was told: it was over before it was worth telling.
    if (state.toldAt === null) return { ...nothing, isClosed: true, nextAt: again };
    const greenAt = state.greenAt ?? now;
    const due = latest(held, after(greenAt, policy.delaySeconds));
    if (due > now) return { ...nothing, changes: { greenAt }, nextAt: due };
    const messages = policy.tellsResolved ? [{ kind: 'resolved', steps: upTo(state.step) } as const] : [];
    return { messages, isClosed: true, changes: { greenAt }, nextAt: again };
  }
  const changes = { greenAt: null };
  if (held > now) return { ...nothing, changes, nextAt: earliest(held, again) };
  if (state.toldAt === null) {
    const due = after(state.openSince, policy.delaySeconds);
    if (due > now) return { ...nothing, changes, nextAt: due };
    const first = policy.escalation[0];
    return {
      messages: [{ kind: 'opened', steps: [0] }],
      isClosed: false,
      changes: { ...changes, toldAt: now, lastToldAt: now },
      nextAt: first ? earliest(after(now, first.afterMinutes * 60), again) : again,
    };
  }
  return planOpen(policy, { ...state, toldAt: state.toldAt }, now);
}

/** Of a bundle that people know of and that isn't over: more of it, other people, and reminders. */
function planOpen(policy: Policy, state: BundleState & { readonly toldAt: Date }, now: Date): BundlePlan {
  const messages: PlannedMessage[] = [];
  let { step } = state;
  let lastToldAt = state.lastToldAt ?? state.toldAt;
  let { remindedAt } = state;
  const nexts: Date[] = [];
  if (state.newSince !== null) {
    const due = latest(after(lastToldAt, policy.bundleMinutes * 60), after(state.newSince, policy.delaySeconds));
    if (due <= now) {
      messages.push({ kind: 'more', steps: upTo(step) });
      lastToldAt = now;
    } else nexts.push(due);
  }
  for (; step < policy.escalation.length; step++) {
    const due = after(state.toldAt, policy.escalation[step]!.afterMinutes * 60);
    if (due > now) {
      nexts.push(due);
      break;
    }
    if (!state.isWaiting) {
      nexts.push(after(now, LOOK_AGAIN_SOON_SECONDS));
      break;
    }
    messages.push({ kind: 'escalation', steps: [step + 1] });
    remindedAt = now;
  }
  if (policy.repeatMinutes !== null) {
    const due = after(latest(lastToldAt, remindedAt ?? state.toldAt), policy.repeatMinutes * 60);
    if (due > now) nexts.push(due);
    else if (state.isWaiting) {
      messages.push({ kind: 'reminder', steps: upTo(step) });
      remindedAt = now;
      nexts.push(after(now, policy.repeatMinutes * 60));
    } else nexts.push(after(now, LOOK_AGAIN_SOON_SECONDS));
  }
  return {
    messages,
    isClosed: false,
    changes: { greenAt: null, lastToldAt, remindedAt, step },
    nextAt: nexts.reduce(earliest, after(now, LOOK_AGAIN_SECONDS)),
  };
}

const upTo = (step: number): number[] => Array.from({ length: step + 1 }, (_, at) => at);
const after = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);
const earliest = (a: Date, b: Date): Date => (a < b ? a : b);
const latest = (a: Date, b: Date): Date => (a > b ? a : b);
