import type { LogLine } from '@lovely/api';
import { exactly } from '../format/time.ts';
import styles from './LogLines.module.css';

/** Lines of a log as they stand, with those that tell of trouble in sight. */
export function LogLines({ label, lines }: { label: string; lines: readonly LogLine[] }) {
  return (
    // Browsers let the keyboard into what scrolls.
    <section className={styles.log} aria-label={label}>
      <ol>
        {lines.map((line, index) => (
          <li key={index} data-level={line.level}>
            <time dateTime={line.at} title={exactly(line.at)}>
              {new Date(line.at).toLocaleTimeString('en-GB')}
            </time>
            <span className={styles.level}>{line.level}</span>
            <span className={styles.message}>{line.message}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
