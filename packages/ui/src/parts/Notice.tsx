import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './Notice.module.css';

/** A sentence about the state of things, with the way on where there is one. */
export function Notice({
  icon: Icon,
  tone,
  title,
  children,
  actions,
}: {
  icon: LucideIcon;
  tone: 'ok' | 'warn' | 'plain';
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={styles.notice} data-tone={tone}>
      <Icon size={18} aria-hidden />
      <div>
        <b>{title}</b>
        {children !== undefined && <p>{children}</p>}
      </div>
      {actions}
    </div>
  );
}
