/** What the marks mean, and whether what is shown is live. */
import { clock } from '../format/time.ts';
import { count } from '../format/number.ts';
import { useStaleSince } from '../live/context.ts';
import type { FleetCounts } from './fleet.ts';
import styles from './Legend.module.css';

/** Near by, a mark is a house with a state of its own; far out it is a place with a share of trouble. */
export function Legend({ isNear, fleet }: { isNear: boolean; fleet: FleetCounts | undefined }) {
  const staleSince = useStaleSince();
  return (
    <div className={styles.legend}>
      <ul aria-label="Meaning of the marks">
        <li>
          <i data-mark="ok" />
          Healthy
        </li>
        {isNear ? (
          <>
            <li>
              <i data-mark="warning" />
              Warning
            </li>
            <li>
              <i data-mark="critical" />
              Critical
            </li>
          </>
        ) : (
          <>
            <li className={styles.ramp} aria-label="to" />
            <li>
              <i data-mark="bad" />
              Down
            </li>
          </>
        )}
        <li>
          <i data-mark="offline" />
          Offline
        </li>
        {(fleet?.unknown ?? 0) > 0 && (
          <li className={styles.rare}>
            <i data-mark="unknown" />
            Never connected
          </li>
        )}
      </ul>
      {staleSince === undefined ? (
        <span className={styles.live}>
          <i />
          Live <b>{count(fleet?.changesPerSecond ?? 0)}</b>/s
        </span>
      ) : (
        <output className={styles.live} data-stale>
          <i />
          Reconnecting · data from {clock(staleSince)}
        </output>
      )}
    </div>
  );
}
