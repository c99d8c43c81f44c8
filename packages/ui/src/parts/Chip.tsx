import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './Chip.module.css';

export type Tone = 'ok' | 'warn' | 'bad' | 'offline' | 'pending';

/** A state in words with an icon of its own shape, so that colour is never the only sign. */
export function Chip({ tone, icon: Icon, children }: { tone: Tone; icon: LucideIcon; children: ReactNode }) {
  return (
    <span className={styles.chip} data-tone={tone}>
      <Icon size={13} strokeWidth={2.4} aria-hidden />
      <span>{children}</span>
    </span>
  );
}
