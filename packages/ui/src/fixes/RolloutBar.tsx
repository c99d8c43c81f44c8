import type { FixRollout } from '@lovely/api';
import { count } from '../format/number.ts';
import styles from './RolloutBar.module.css';
import { partsOf } from './rollout-text.ts';

/** The houses of a rollout as one bar, by what came of it; what stands below it says the same in words. */
export function RolloutBar({ rollout, hasLegend = true }: { rollout: FixRollout; hasLegend?: boolean }) {
  const parts = partsOf(rollout);
  return (
    <div className={styles.progress}>
      <div className={styles.bar} aria-hidden>
        {parts.map(({ key, houses, tone }) => (
          <i key={key} data-tone={tone} data-key={key} style={{ flexGrow: houses }} />
        ))}
      </div>
      {hasLegend && (
        <ul className={styles.legend}>
          {parts.map(({ key, label, houses, tone }) => (
            <li key={key} data-tone={tone} data-key={key}>
              <i aria-hidden />
              <b>{count(houses)}</b> {label}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
