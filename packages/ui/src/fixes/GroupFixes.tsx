/** What helps many houses with one problem: tried on one first, then on all like it. */
import type { Alert, Fix } from '@lovely/api';
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical, Rocket, Sparkles } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useMay } from '../may.ts';
import { toastError } from '../parts/toast.ts';
import { paths } from '../paths.ts';
import boxStyles from './FixBox.module.css';
import { fixesQuery, fixRolloutsQuery } from './fix-queries.ts';
import { FixRunView } from './FixRunView.tsx';
import { FixSummary } from './FixSummary.tsx';
import styles from './GroupFixes.module.css';
import { RolloutBar } from './RolloutBar.tsx';
import { RolloutDialog } from './RolloutDialog.tsx';
import { RolloutState } from './RolloutState.tsx';
import { isRollingOut } from './rollout-text.ts';
import { RunFixDialog, runsAtOnce } from './RunFixDialog.tsx';
import { useRunFix } from './use-run-fix.ts';

export function GroupFixes({
  rule,
  alerts,
  incidentId,
}: {
  rule: string;
  alerts: readonly Alert[];
  incidentId: string | null;
}) {
  const { data } = useQuery(fixesQuery({ rule }));
  const sample = alerts.find(({ closedAt }) => closedAt === null);
  const fixes = data?.items.filter(({ isRunnable }) => isRunnable) ?? [];
  return (
    <div className={boxStyles.box}>
      <Rollouts rule={rule} />
      {fixes.map((fix, index) => (
        <GroupFix
          key={fix.id}
          fix={fix}
          sample={sample}
          incidentId={incidentId}
          heading={index === 0 ? 'Suggested fix' : undefined}
        />
      ))}
      {data && fixes.length === 0 && sample && sample.suggestion.length > 0 && (
        <div className={boxStyles.suggestion}>
          <h3>
            <Sparkles size={15} aria-hidden /> What to do
          </h3>
          <ol>
            {sample.suggestion.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </div>
      )}
    </div>
  );
}

/** Rollouts for this problem that are under way, as they go. */
function Rollouts({ rule }: { rule: string }) {
  const { data } = useInfiniteQuery(fixRolloutsQuery);
  const underWay =
    data?.pages.flatMap(({ items }) => items).filter((one) => one.rule === rule && isRollingOut(one)) ?? [];
  return underWay.map((rollout) => (
    <section key={rollout.id} className={styles.rollout} aria-label={`Rollout of ${rollout.fixTitle}`}>
      <header>
        <Link {...paths.rollout(rollout.id)}>{rollout.fixTitle}</Link>
        <RolloutState state={rollout.state} />
      </header>
      <RolloutBar rollout={rollout} />
    </section>
  ));
}

function GroupFix({
  fix,
  sample,
  incidentId,
  heading,
}: {
  fix: Fix;
  sample: Alert | undefined;
  incidentId: string | null;
  heading: string | undefined;
}) {
  const may = useMay();
  const [isRollingOutAsked, setRollingOutAsked] = useState(false);
  return (
    <section className={boxStyles.suggestion} aria-label={`Fix: ${fix.title}`}>
      <FixSummary fix={fix} heading={heading} />
      {may('fix.run') && <TestThenAll fix={fix} sample={sample} onAll={() => setRollingOutAsked(true)} />}
      {isRollingOutAsked && (
        <RolloutDialog fix={fix} incidentId={incidentId} onClose={() => setRollingOutAsked(false)} />
      )}
    </section>
  );
}

function TestThenAll({ fix, sample, onAll }: { fix: Fix; sample: Alert | undefined; onAll: () => void }) {
  const all = (
    <Button variant="default" leftSection={<Rocket size={15} />} onClick={onAll}>
      Run on all like it…
    </Button>
  );
  if (!sample) return <div className={boxStyles.buttons}>{all}</div>;
  return <Test fix={fix} sample={sample} all={all} />;
}

function Test({ fix, sample, all }: { fix: Fix; sample: Alert; all: ReactNode }) {
  // The house that was tried stays the one, also when it is well again and another leads the list.
  const [tried, setTried] = useState<Alert>();
  const alert = tried ?? sample;
  const run = useRunFix(alert);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <div className={boxStyles.buttons}>
        <Button
          leftSection={<FlaskConical size={15} />}
          loading={run.isPending}
          disabled={run.data !== undefined}
          onClick={() => {
            setTried(sample);
            if (!runsAtOnce(fix)) return setAsking(true);
            run.mutate({ fix, values: {} }, { onError: (error) => void toastError('The fix was not started', error) });
          }}
        >
          Run on one as a test
        </Button>
        {all}
      </div>
      {run.data && (
        <div className={styles.test}>
          <p>
            On <Link {...paths.device(alert.deviceId)}>{alert.deviceName}</Link>
          </p>
          <FixRunView run={run.data} />
        </div>
      )}
      {isAsking && (
        <RunFixDialog
          fix={fix}
          alert={alert}
          change={run}
          onRun={(values) => run.mutate({ fix, values }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
