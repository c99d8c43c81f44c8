/** One run of a fix as it goes: how far it is, what it prints, and whether it helped. */
import { cancelFixRun, type FixRun } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, CircleX, LoaderCircle, type LucideIcon } from 'lucide-react';
import { keys, request } from '../api.ts';
import { span, toMs } from '../format/time.ts';
import { useNowText } from '../format/use-now.ts';
import { useMay } from '../may.ts';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { fixRunQuery } from './fix-queries.ts';
import { isUnderWay } from './fix-text.ts';
import { Output } from './Output.tsx';
import { stagesOf, type Stage } from './run-stages.ts';
import { RunStateChip } from './RunStateChip.tsx';
import styles from './FixRunView.module.css';

const ICONS: Partial<Record<Stage['state'], LucideIcon>> = { done: Check, now: LoaderCircle, bad: CircleX };

export function FixRunView({ run: first }: { run: FixRun }) {
  const { data } = useQuery(fixRunQuery(first.id));
  const run = data ?? first;
  const may = useMay();
  const cancel = useChange(() => request(cancelFixRun, { params: { id: run.id } }), { outdated: [keys.fixRuns] });
  return (
    <section className={styles.run} aria-label={`Run of ${run.fixTitle}`} data-state={run.state}>
      <header>
        <b>{run.fixTitle}</b>
        <RunStateChip state={run.state} />
      </header>
      <ol className={styles.stages}>
        {stagesOf(run).map((stage) => {
          const Icon = ICONS[stage.state];
          return (
            <li key={stage.label} data-state={stage.state} aria-current={stage.state === 'now' ? 'step' : undefined}>
              <span className={styles.mark}>{Icon && <Icon size={13} strokeWidth={2.6} aria-hidden />}</span>
              {stage.label}
            </li>
          );
        })}
      </ol>
      <p className={styles.reason} aria-live="polite">
        {run.reason}
        {run.state === 'checking' && run.checkUntil !== null && <CheckTime until={run.checkUntil} />}
      </p>
      {data && data.output !== '' && <Output text={data.output} isLive={run.state === 'running'} />}
      {isUnderWay(run) && run.state !== 'checking' && may('fix.run') && (
        <Button
          variant="default"
          size="xs"
          loading={cancel.isPending}
          onClick={() => cancel.mutate(undefined, { onError: (error) => void toastError('Not called off', error) })}
        >
          Call it off
        </Button>
      )}
    </section>
  );
}

function CheckTime({ until }: { until: string }) {
  return useNowText((now) => {
    const leftMs = toMs(until) - now;
    return leftMs <= 0 ? '' : ` It has ${span(leftMs)} to be fine again.`;
  });
}
