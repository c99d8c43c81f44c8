/** An open alert as a person needs it: what is wrong, why, and what to do about it. */
import type { Alert } from '@lovely/api';
import { Sparkles } from 'lucide-react';
import { plural } from '../format/number.ts';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SeverityChip } from './SeverityChip.tsx';
import styles from './ProblemCard.module.css';

export function ProblemCard({ alert }: { alert: Alert }) {
  return (
    <article className={styles.problem} data-severity={alert.severity}>
      <header>
        <SeverityChip severity={alert.severity} />
        <span className={styles.age}>
          opened <RelativeTime time={alert.openedAt} />
          {alert.count > 1 && ` · raised ${plural(alert.count, 'time')}`}
        </span>
      </header>
      <h2>{alert.title}</h2>
      <p className={styles.description}>
        {alert.source !== '' && <b>{alert.source}: </b>}
        {alert.description}
      </p>
      <p className={styles.cause}>
        <b>Likely cause</b> {alert.cause}
      </p>
      {alert.suggestion.length > 0 && (
        <div className={styles.suggestion}>
          <h3>
            <Sparkles size={15} aria-hidden /> What to do
          </h3>
          <ol>
            {alert.suggestion.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      )}
    </article>
  );
}
