/** The head of a page: its name for people, the browser's tab and screen readers; its actions; whether it is live. */
import type { ReactNode } from 'react';
import { LivePill } from './LivePill.tsx';
import styles from './PageHeader.module.css';

export function PageHeader({ title, detail, actions }: { title: string; detail?: ReactNode; actions?: ReactNode }) {
  return (
    <header className={styles.header}>
      <title>{`${title} · Lovely Smart System`}</title>
      <div className={styles.name}>
        <h1>{title}</h1>
        {detail !== undefined && <div className={styles.detail}>{detail}</div>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      <LivePill />
    </header>
  );
}
