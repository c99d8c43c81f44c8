import type { ReactNode } from 'react';
import styles from './Page.module.css';

/** The frame of an ordinary page (the map has none). What it holds turns grey while the live channel is away. */
export function Page({ children, width = 'wide' }: { children: ReactNode; width?: 'wide' | 'narrow' }) {
  return (
    <div className={styles.page} data-width={width}>
      {children}
    </div>
  );
}
