import type { ReactNode } from 'react';
import { Logo } from './Logo.tsx';
import styles from './EntryFrame.module.css';

/** The frame of the pages before sign-in: one card in the middle. */
export function EntryFrame({ title, detail, children }: { title: string; detail?: ReactNode; children: ReactNode }) {
  return (
    <main className={styles.frame}>
      <title>{`${title} · Lovely Smart System`}</title>
      <div className={styles.brand}>
        <Logo size={44} />
        <span>Lovely Smart System</span>
      </div>
      <section className={styles.card}>
        <h1>{title}</h1>
        {detail !== undefined && <p className={styles.detail}>{detail}</p>}
        {children}
      </section>
    </main>
  );
}
