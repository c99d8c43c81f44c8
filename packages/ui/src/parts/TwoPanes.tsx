import { Link, type LinkProps } from '@tanstack/react-router';
import { ArrowLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './TwoPanes.module.css';

/**
 * A list at the left and what is chosen in it at the right. A phone shows one after the other: the list, and when
 * something is chosen (`isChosen`) only that, with the way back.
 */
export function TwoPanes({
  list,
  isChosen,
  back,
  children,
}: {
  list: ReactNode;
  isChosen: boolean;
  back: { readonly label: string; readonly link: Pick<LinkProps, 'to' | 'params' | 'search'> };
  children: ReactNode;
}) {
  return (
    <div className={styles.panes} data-chosen={isChosen || undefined}>
      <div className={styles.list}>{list}</div>
      <div className={styles.chosen}>
        <Link {...back.link} className={styles.back}>
          <ArrowLeft size={15} aria-hidden /> {back.label}
        </Link>
        {children}
      </div>
    </div>
  );
}
