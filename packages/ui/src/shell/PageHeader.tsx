/** The head of a page: its name for people, the browser's tab and screen readers; its actions; whether it is live. */
import { Link, type LinkProps } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { LivePill } from './LivePill.tsx';
import styles from './PageHeader.module.css';

export function PageHeader({
  title,
  detail,
  actions,
  back,
}: {
  title: string;
  detail?: ReactNode;
  actions?: ReactNode;
  /** The list that the page belongs to. */
  back?: { label: string; link: Pick<LinkProps, 'to' | 'search'> };
}) {
  return (
    <header className={styles.header}>
      <title>{`${title} · Lovely Smart System`}</title>
      <div className={styles.name}>
        {back && (
          <Link {...back.link} className={styles.back}>
            <ArrowLeft size={14} aria-hidden /> {back.label}
          </Link>
        )}
        <h1>{title}</h1>
        {detail !== undefined && <div className={styles.detail}>{detail}</div>}
      </div>
      {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      <LivePill />
    </header>
  );
}
