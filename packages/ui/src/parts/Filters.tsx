import type { ReactNode } from 'react';
import styles from './Filters.module.css';

/** The row above a list with what narrows it down. */
export function Filters({ children }: { children: ReactNode }) {
  return <search className={styles.filters}>{children}</search>;
}
