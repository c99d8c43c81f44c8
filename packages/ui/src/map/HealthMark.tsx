import type { Health } from '@lovely/api';
import styles from './HealthMark.module.css';

/** A house's mark as the map draws it; whoever shows it says the state in words too. */
export function HealthMark({ health }: { health: Health }) {
  return <i className={styles.mark} data-health={health} aria-hidden />;
}
