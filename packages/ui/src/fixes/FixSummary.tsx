/** What a fix does, how often it helped, what it risks and how long it takes. */
import type { Fix } from '@lovely/api';
import { Sparkles } from 'lucide-react';
import styles from './FixBox.module.css';
import { successText, takesText } from './fix-text.ts';
import { RiskChip } from './RiskChip.tsx';

export function FixSummary({ fix, heading }: { fix: Fix; heading: string | undefined }) {
  return (
    <>
      {heading !== undefined && (
        <h3>
          <Sparkles size={15} aria-hidden /> {heading}
        </h3>
      )}
      <div className={styles.what}>
        <b>{fix.title}</b>
        <span className={styles.success} data-good={fix.stats.helped > 0 || undefined}>
          {successText(fix.stats)}
        </span>
      </div>
      {fix.steps.length > 0 && (
        <ol>
          {fix.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <p className={styles.facts}>
        <RiskChip risk={fix.risk} />
        {fix.takesMs !== null && <span>takes {takesText(fix.takesMs)}</span>}
      </p>
    </>
  );
}
