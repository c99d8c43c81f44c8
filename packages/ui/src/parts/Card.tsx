import type { ReactNode } from 'react';
import styles from './Card.module.css';

interface CardProps {
  readonly title?: string;
  /** Stands at the right of the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Without padding, for tables and lists that reach the edge. */
  readonly isFlush?: boolean;
}

export function Card({ title, aside, children, isFlush = false }: CardProps) {
  return (
    <section className={styles.card} data-flush={isFlush || undefined}>
      {title !== undefined && (
        <header className={styles.header}>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}
