import type { Strength } from './strength.ts';
import styles from './StrengthBar.module.css';

export function StrengthBar({ strength, isEmpty }: { strength: Strength; isEmpty: boolean }) {
  return (
    <div className={styles.strength} data-level={isEmpty ? 'none' : strength.level}>
      <div className={styles.bar} aria-hidden>
        {[1, 2, 3, 4].map((level) => (
          <i key={level} data-on={level <= Math.max(strength.level, isEmpty ? 0 : 1) || undefined} />
        ))}
      </div>
      <span aria-live="polite">{strength.advice}</span>
    </div>
  );
}
