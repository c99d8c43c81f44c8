import type { DeploymentDeviceState, DeploymentEvent, UpdateCauseFound } from '@lovely/api';
import { bytes } from '../format/number.ts';
import { exactly } from '../format/time.ts';
import { DEVICE_STATES } from './deployment-states.ts';
import styles from './DeviceTimeline.module.css';
import { causeTitle } from './failure-text.ts';
import { stepSpan } from './step-span.ts';

/** What happened on one house, oldest first, with how long each step took as a bar beside the others. */
export function DeviceTimeline({ events }: { events: readonly DeploymentEvent[] }) {
  if (events.length === 0) return null;
  const longest = Math.max(1, ...events.map(({ durationMs }) => durationMs ?? 0));
  const hasRetry = events.some(({ attempt }) => attempt > 1);
  return (
    <section aria-label="Timeline">
      <h3 className={styles.title}>Step by step</h3>
      <ol className={styles.timeline}>
        {events.map((event, index) => (
          <li key={index} data-tone={toneOf(event)}>
            <time dateTime={event.at} title={exactly(event.at)}>
              {new Date(event.at).toLocaleTimeString('en-GB')}
            </time>
            <div className={styles.words}>
              <b>{titleOf(event)}</b>
              {hasRetry && event.kind === 'offered' && <small> try {event.attempt}</small>}
              {event.substate !== '' && !Object.hasOwn(WAYS_BACK, event.substate) && <small> {event.substate}</small>}
              {event.by !== null && <small> by {event.by}</small>}
              {event.text !== '' && <p>{event.text}</p>}
              {event.cause && !isSameCause(event.cause, events[index - 1]?.cause) && (
                <p className={styles.cause}>
                  {causeTitle(event.cause.code)}
                  {event.cause.message !== '' && `: ${event.cause.message}`}
                </p>
              )}
              {event.durationMs !== null && (
                <span className={styles.bar} aria-hidden>
                  <i style={{ width: `${Math.max(1, (event.durationMs / longest) * 100)}%` }} />
                </span>
              )}
            </div>
            <span className={styles.figures}>
              {event.durationMs !== null && stepSpan(event.durationMs)}
              {event.bytes !== null && event.bytes > 0 && <small>{bytes(event.bytes)}</small>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const KINDS: Readonly<Record<Exclude<DeploymentEvent['kind'], 'state' | 'ended'>, string>> = {
  offered: 'Offered to the gateway',
  paused: 'Told to wait',
  continued: 'Told to go on',
  aborted: 'Told to go back',
  retry: 'Gets another try',
  lost: 'Given up',
  late: 'Told late',
};

/** Steps of a failed update, as gateways name them. */
const WAYS_BACK: Readonly<Record<string, string>> = {
  ArtifactRollback: 'Goes back',
  ArtifactRollbackReboot: 'Reboots into what it had',
  ArtifactVerifyRollbackReboot: 'Looks at what came up',
  ArtifactFailure: 'Ends what failed',
  Cleanup: 'Tidies up',
};

function titleOf({ kind, state, substate }: DeploymentEvent): string {
  // It failed, and brings back what was there; the last one has no step any more.
  if (kind === 'state' && state === 'failure' && substate !== '')
    return Object.hasOwn(WAYS_BACK, substate) ? WAYS_BACK[substate]! : 'Goes back';
  const told =
    state !== null && Object.hasOwn(DEVICE_STATES, state) ? DEVICE_STATES[state as DeploymentDeviceState] : state;
  if (kind === 'state' || kind === 'ended') return told ?? 'Told something';
  return kind === 'late' && told !== null ? `${KINDS.late}: ${told}` : KINDS[kind];
}

/** A gateway tells why with every step on its way back. */
function isSameCause(one: UpdateCauseFound, other: UpdateCauseFound | null | undefined): boolean {
  return one.code === other?.code && one.message === other.message;
}

function toneOf({ kind, state, cause }: DeploymentEvent): 'ok' | 'bad' | 'plain' {
  if (state === 'failure' || kind === 'lost' || cause !== null) return 'bad';
  return state === 'success' || state === 'already-installed' ? 'ok' : 'plain';
}
