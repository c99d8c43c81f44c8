import { UnstyledButton } from '@mantine/core';
import { Check } from 'lucide-react';
import { STEPS, type Step } from './deployment-search.ts';
import type { Draft } from './draft.ts';
import { missingIn } from './draft-check.ts';
import styles from './WizardSteps.module.css';

const LABELS: Readonly<Record<Step, string>> = {
  software: 'Software',
  houses: 'Houses',
  rollout: 'Rollout',
  review: 'Review',
};

/** Where in the four steps one is; those that are complete, and the one after them, can be gone to. */
export function WizardSteps({
  draft,
  houses,
  step,
  onGo,
}: {
  draft: Draft;
  houses: number | undefined;
  step: Step;
  onGo: (step: Step) => void;
}) {
  const isDone = (each: Step): boolean =>
    each !== 'review' && missingIn(each, draft, { houses, typed: '' }) === undefined;
  return (
    <nav aria-label="Steps">
      <ol className={styles.steps}>
        {STEPS.map((each, index) => {
          const isBefore = index < STEPS.indexOf(step);
          const isReachable = STEPS.slice(0, index).every(isDone);
          return (
            <li key={each} data-state={each === step ? 'now' : isBefore && isDone(each) ? 'done' : 'ahead'}>
              <UnstyledButton
                className={styles.step}
                aria-current={each === step ? 'step' : undefined}
                disabled={!isReachable}
                onClick={() => onGo(each)}
              >
                <span className={styles.mark} aria-hidden>
                  {isBefore && isDone(each) ? <Check size={13} strokeWidth={2.6} /> : index + 1}
                </span>
                {LABELS[each]}
              </UnstyledButton>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
