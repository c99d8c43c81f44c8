import type { DeploymentDetail } from '@lovely/api';
import { UnstyledButton } from '@mantine/core';
import { bytes, count, decimal, percentage, plural } from '../format/number.ts';
import { longSpan } from '../format/time.ts';
import { useNow } from '../format/use-now.ts';
import { StackedBar, StackedBarSwatch } from '../parts/StackedBar.tsx';
import { isUnderWay, partsOf, throughOf } from './deployment-states.ts';
import styles from './DeploymentProgress.module.css';
import { progressOf } from './progress.ts';

/** How far the houses are as one large bar; a part of it can be pressed to see which houses those are. */
export function DeploymentProgress({
  deployment,
  rolledBack,
  chosen,
  onChoose,
}: {
  deployment: DeploymentDetail;
  /** How many of those that failed have the software of before again. */
  rolledBack: number;
  chosen: string | undefined;
  onChoose: (part: string | undefined) => void;
}) {
  const { counts, isCollected } = deployment;
  const parts = partsOf(counts, rolledBack);
  const through = throughOf(counts);
  return (
    <div className={styles.progress}>
      <header className={styles.header}>
        <span className={styles.share}>{percentage(through, counts.houses)}</span>
        <span className={styles.through}>
          {count(through)} of {plural(counts.houses, 'house')} {counts.houses === 1 ? 'is' : 'are'} through
          {!isCollected && ', more are being gathered'}
        </span>
        <Speed deployment={deployment} />
      </header>
      <StackedBar parts={parts} size="lg" hasLegend={false} />
      <ul className={styles.legend} aria-label="Houses by state">
        {parts.map((part) => {
          // The table can't tell those that were rolled back from others that failed.
          const key = part.key === 'rolled-back' ? 'failure' : part.key;
          return (
            <li key={part.key}>
              <UnstyledButton
                className={styles.part}
                aria-pressed={chosen === key}
                onClick={() => onChoose(chosen === key ? undefined : key)}
              >
                <StackedBarSwatch part={part} />
                <b>{count(part.amount)}</b> {part.label}
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** How fast it goes, and how long this phase takes when it goes on like this. */
function Speed({ deployment }: { deployment: DeploymentDetail }) {
  const now = useNow();
  const { wanted, downloaded } = deployment.bytes;
  const progress = progressOf(deployment, now);
  return (
    <dl className={styles.speed}>
      {progress && (
        <>
          <div>
            <dt>Rate</dt>
            <dd>{decimal(progress.perMinute)} houses a minute</dd>
          </div>
          {progress.left > 0 && (
            <div>
              <dt>This phase takes</dt>
              <dd>about {longSpan(progress.leftMs)} more</dd>
            </div>
          )}
        </>
      )}
      {wanted > 0 && (
        <div>
          <dt>Downloaded</dt>
          <dd>{isUnderWay(deployment) ? `${bytes(downloaded)} of ${bytes(wanted)}` : bytes(downloaded)}</dd>
        </div>
      )}
    </dl>
  );
}
