import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './State.module.css';

/** What stands where there is nothing: says so, and what to do. */
export function EmptyState({
  icon: Icon,
  title,
  detail,
  children,
  tone = 'plain',
  isPage = false,
}: {
  icon: LucideIcon;
  title: string;
  detail?: ReactNode;
  children?: ReactNode;
  tone?: 'plain' | 'ok' | 'bad';
  isPage?: boolean;
}) {
  return (
    <div className={styles.state} data-page={isPage || undefined} data-tone={tone}>
      <span className={styles.icon}>
        <Icon size={24} strokeWidth={1.8} aria-hidden />
      </span>
      <h2>{title}</h2>
      {detail !== undefined && <p>{detail}</p>}
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  );
}
