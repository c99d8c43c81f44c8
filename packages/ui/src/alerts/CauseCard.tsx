import type { Severity } from '@lovely/api';
import type { ReactNode } from 'react';
import styles from './ProblemCard.module.css';
import { SeverityChip } from './SeverityChip.tsx';

/** A problem of many houses, dressed as that of one is. */
export function CauseCard({
  severity,
  chip,
  title,
  detail,
  cause,
  actions,
  children,
}: {
  severity: Severity;
  /** Stands beside the severity. */
  chip?: ReactNode;
  title: string;
  detail: ReactNode;
  cause: string;
  actions: ReactNode;
  children?: ReactNode;
}) {
  return (
    <article className={styles.problem} data-severity={severity}>
      <header>
        <span className={styles.chips}>
          <SeverityChip severity={severity} />
          {chip}
        </span>
        <span className={styles.age}>{detail}</span>
      </header>
      <h2>{title}</h2>
      {cause !== '' && (
        <p className={styles.cause}>
          <b>Likely cause</b> {cause}
        </p>
      )}
      <div className={styles.actions}>{actions}</div>
      {children}
    </article>
  );
}
