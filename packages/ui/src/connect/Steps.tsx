import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StepState } from './progress.ts';
import styles from './Steps.module.css';

/** A checklist that ticks itself. */
export function Steps({ children }: { children: ReactNode }) {
  return <ol className={styles.steps}>{children}</ol>;
}

export function StepItem({
  state,
  number,
  title,
  children,
}: {
  state: StepState;
  number: number;
  title: ReactNode;
  children?: ReactNode;
}) {
  return (
    <li className={styles.step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
      <span className={styles.mark}>
        {state === 'done' ? <Check size={16} strokeWidth={2.6} aria-label="Done" /> : number}
      </span>
      <div className={styles.content}>
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}
