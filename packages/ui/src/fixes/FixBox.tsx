/** The suggested fix of an alert: what it does, how often it helped, its run as it goes, and what to try after it. */
import { PERMISSIONS, type Alert, type Fix } from '@lovely/api';
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Play, Sparkles, SquareTerminal } from 'lucide-react';
import { useState } from 'react';
import { deviceQuery, fleetQuery } from '../api.ts';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { LinkButton } from '../parts/LinkButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { toastError } from '../parts/toast.ts';
import { paths } from '../paths.ts';
import styles from './FixBox.module.css';
import { fixesQuery, fixRunsQuery } from './fix-queries.ts';
import { FixRunView } from './FixRunView.tsx';
import { FixSummary } from './FixSummary.tsx';
import { RUN_STATES } from './fix-text.ts';
import { RolloutDialog } from './RolloutDialog.tsx';
import { RunFixDialog, runsAtOnce } from './RunFixDialog.tsx';
import { suggest } from './suggestion.ts';
import { useRunFix } from './use-run-fix.ts';

export function FixBox({ alert }: { alert: Alert }) {
  const fixes = useQuery(fixesQuery({ alertId: alert.id }));
  const runs = useInfiniteQuery(fixRunsQuery({ alertId: alert.id }));
  if (!fixes.data || !runs.data) return fixes.isError ? <ByHand alert={alert} /> : null;
  const allRuns = runs.data.pages.flatMap(({ items }) => items);
  const { run, next, others, inVain, isExhausted } = suggest(fixes.data.items, allRuns, alert.openedAt);
  if (!next) return <ByHand alert={alert} />;
  return (
    <div className={styles.box}>
      {inVain.map((failed) => (
        <details key={failed.id} className={styles.inVain}>
          <summary>
            <b>{failed.fixTitle}</b>: {RUN_STATES[failed.state].toLowerCase()}
            {failed.endedAt !== null && (
              <>
                , <RelativeTime time={failed.endedAt} />
              </>
            )}
            {failed.reason !== '' && <span> {failed.reason}</span>}
          </summary>
          <FixRunView run={failed} />
        </details>
      ))}
      {run ? (
        <div className={styles.suggestion}>
          <FixRunView key={run.id} run={run} />
        </div>
      ) : isExhausted ? (
        <p className={styles.exhausted}>Everything that is known was tried, and it is still wrong.</p>
      ) : (
        <Suggestion
          key={next.id}
          alert={alert}
          fix={next}
          heading={inVain.length > 0 ? 'Try this next' : 'Suggested fix'}
        />
      )}
      <ByHand alert={alert} isBeside={!isExhausted} />
      {!run && <Others alert={alert} fixes={isExhausted ? [next, ...others] : others} isAgain={isExhausted} />}
    </div>
  );
}

/** Fixes that are less promising, or were tried already. */
function Others({ alert, fixes, isAgain }: { alert: Alert; fixes: readonly Fix[]; isAgain: boolean }) {
  if (fixes.length === 0) return null;
  return (
    <details className={styles.others}>
      <summary>{isAgain ? 'Try again' : plural(fixes.length, 'other fix', 'other fixes')}</summary>
      {fixes.map((fix) => (
        <Suggestion key={fix.id} alert={alert} fix={fix} />
      ))}
    </details>
  );
}

function Suggestion({ alert, fix, heading }: { alert: Alert; fix: Fix; heading?: string }) {
  const may = useMay();
  const { data: device } = useQuery(deviceQuery(alert.deviceId));
  const { data: fleet } = useQuery(fleetQuery);
  const [open, setOpen] = useState<'run' | 'rollout'>();
  const run = useRunFix(alert);
  const alike = fleet?.groups.find(({ rule }) => rule === alert.rule)?.devices ?? 0;
  const isAway = device !== undefined && !device.connected;
  const opensTerminal = fix.actions.some(({ kind }) => kind === 'terminal');
  return (
    <section className={styles.suggestion} aria-label={`Fix: ${fix.title}`}>
      <FixSummary fix={fix} heading={heading} />
      {fix.isRunnable &&
        (may('fix.run') ? (
          <div className={styles.buttons}>
            <Button
              leftSection={<Play size={15} fill="currentColor" strokeWidth={0} />}
              loading={run.isPending}
              onClick={() =>
                runsAtOnce(fix)
                  ? run.mutate(
                      { fix, values: {} },
                      { onError: (error) => void toastError('The fix was not started', error) },
                    )
                  : setOpen('run')
              }
            >
              {isAway ? 'Run fix when it is back' : 'Run fix'}
            </Button>
            {alike > 1 && (
              <Button variant="default" onClick={() => setOpen('rollout')}>
                Apply to {plural(alike, 'house')}…
              </Button>
            )}
          </div>
        ) : (
          <p className={styles.note}>
            To run it you need the permission “{PERMISSIONS['fix.run'].allows}”. Somebody who manages people can give
            it.
          </p>
        ))}
      {opensTerminal && may('device.terminal') && (
        <LinkButton
          {...paths.device(alert.deviceId, 'terminal')}
          variant="default"
          leftSection={<SquareTerminal size={16} />}
        >
          Open a terminal
        </LinkButton>
      )}
      {open === 'run' && (
        <RunFixDialog
          fix={fix}
          alert={alert}
          change={run}
          onRun={(values) => run.mutate({ fix, values }, { onSuccess: () => setOpen(undefined) })}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open === 'rollout' && (
        <RolloutDialog fix={fix} incidentId={alert.incidentId} onClose={() => setOpen(undefined)} />
      )}
    </section>
  );
}

/** The rule's own advice: all there is where there is no fix, else folded beside it. */
function ByHand({ alert, isBeside = false }: { alert: Alert; isBeside?: boolean }) {
  if (alert.suggestion.length === 0) return null;
  const steps = (
    <ol>
      {alert.suggestion.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
  return isBeside ? (
    <details className={styles.others}>
      <summary>What to do by hand</summary>
      {steps}
    </details>
  ) : (
    <div className={styles.suggestion}>
      <h3>
        <Sparkles size={15} aria-hidden /> What to do
      </h3>
      {steps}
    </div>
  );
}
