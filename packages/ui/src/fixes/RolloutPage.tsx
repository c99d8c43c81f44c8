/** One rollout as it goes: how many houses it helped, the phases with their gate, and each house. */
import {
  abortFixRollout,
  ApiError,
  continueFixRollout,
  pauseFixRollout,
  type FixRollout,
  type FixRun,
} from '@lovely/api';
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Check, OctagonAlert, OctagonX, Pause, Play, Server } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { fixRolloutQuery, fixRunsQuery } from './fix-queries.ts';
import { RolloutBar } from './RolloutBar.tsx';
import styles from './RolloutPage.module.css';
import { RolloutState } from './RolloutState.tsx';
import { isRollingOut, phaseText } from './rollout-text.ts';
import { RunStateChip } from './RunStateChip.tsx';

const route = getRouteApi('/app/fix-rollouts/$id');

export function RolloutPage() {
  const { id } = route.useParams();
  const query = useQuery(fixRolloutQuery(id));
  if (query.isPending)
    return (
      <Page>
        <Waiting rows={3} rowHeight={90} />
      </Page>
    );
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} isPage />;
  const rollout = query.data;
  return (
    <Page>
      <PageHeader
        back={{ label: 'Rollouts of fixes', link: paths.rollouts() }}
        title={rollout.fixTitle}
        detail={
          <span className={styles.detail}>
            <RolloutState state={rollout.state} /> started <RelativeTime time={rollout.createdAt} /> by{' '}
            {rollout.startedBy.name}
          </span>
        }
        actions={<Actions rollout={rollout} />}
      />
      <div className={styles.cards}>
        <Card>
          <div className={styles.summary}>
            <Phases rollout={rollout} />
            <RolloutBar rollout={rollout} />
            <div aria-live="polite">
              <Reason rollout={rollout} />
            </div>
          </div>
        </Card>
        <Houses id={id} />
      </div>
    </Page>
  );
}

/** Why it stands still, and what to do then. */
function Reason({ rollout: { state, reason } }: { rollout: FixRollout }) {
  if (reason === '') return null;
  if (state !== 'stopped') return <p className={styles.reason}>{reason}</p>;
  return (
    <Notice icon={OctagonAlert} tone="warn" title={reason}>
      Open a house below and see what the fix printed there. Let it go on only if you know why it will help the others;
      until then nothing more is run.
    </Notice>
  );
}

function Phases({ rollout: { phases, phase: current, state } }: { rollout: FixRollout }) {
  return (
    <ol className={styles.phases} aria-label="Phases">
      {phases.map((phase, index) => {
        const isDone = index < current || state === 'done';
        const isNow = index === current && state !== 'done';
        return (
          <li
            key={phase.share}
            data-state={isDone ? 'done' : isNow ? 'now' : 'ahead'}
            aria-current={isNow ? 'step' : undefined}
          >
            <span className={styles.mark}>
              {isDone ? <Check size={13} strokeWidth={2.6} aria-hidden /> : index + 1}
            </span>
            {phaseText(phase)}
          </li>
        );
      })}
    </ol>
  );
}

function Actions({ rollout }: { rollout: FixRollout }) {
  const may = useMay();
  const [isAborting, setAborting] = useState(false);
  const params = { id: rollout.id };
  const outdated = [keys.fixRollouts, keys.fixRuns];
  const pause = useChange(() => request(pauseFixRollout, { params }), { outdated, done: 'Nothing new is started.' });
  const resume = useChange(() => request(continueFixRollout, { params }), { outdated, done: 'It goes on.' });
  const abort = useChange(() => request(abortFixRollout, { params }), { outdated, done: 'The rollout is ended.' });
  if (!may('fix.run')) return null;
  const isGoing = rollout.state === 'trial' || rollout.state === 'running';
  const mayResume = rollout.state === 'paused' || rollout.state === 'stopped';
  return (
    <>
      {(isGoing || mayResume) && (
        // One button for both, so that the focus stays.
        <Button
          variant={rollout.state === 'paused' ? 'filled' : 'default'}
          leftSection={isGoing ? <Pause size={15} /> : <Play size={15} />}
          loading={pause.isPending || resume.isPending}
          onClick={() =>
            isGoing
              ? pause.mutate(undefined, { onError: (error) => void toastError('Not paused', error) })
              : resume.mutate(undefined, { onError: (error) => void toastError('It does not go on', error) })
          }
        >
          {isGoing ? 'Pause' : rollout.state === 'stopped' ? 'Continue anyway' : 'Continue'}
        </Button>
      )}
      {(isRollingOut(rollout) || rollout.state === 'stopped') && (
        <Button variant="default" leftSection={<OctagonX size={15} />} onClick={() => setAborting(true)}>
          Abort
        </Button>
      )}
      {isAborting && (
        <ConfirmDialog
          title="End this rollout?"
          submitLabel="End it"
          change={abort}
          onConfirm={() => abort.mutate(undefined, { onSuccess: () => setAborting(false) })}
          onClose={() => setAborting(false)}
        >
          Houses that wait are left alone; where it runs already, it goes on to its end. A rollout that was ended can’t
          be continued.
        </ConfirmDialog>
      )}
    </>
  );
}

function Houses({ id }: { id: string }) {
  const query = useInfiniteQuery(fixRunsQuery({ rolloutId: id }));
  return (
    <ListCard
      title="Houses that had their turn"
      query={query}
      items={query.data?.pages.flatMap(({ items }) => items)}
      empty={<EmptyState icon={Server} title="No house had its turn yet" />}
    >
      {(runs) => <Table label="Houses" rows={runs} rowKey={(run) => run.id} columns={columns} />}
    </ListCard>
  );
}

const columns: Column<FixRun>[] = [
  {
    header: 'House',
    cell: ({ deviceId, deviceName }) => (
      <Link {...paths.device(deviceId)} className={rowLink}>
        {deviceName}
      </Link>
    ),
  },
  { header: 'State', cell: ({ state }) => <RunStateChip state={state} /> },
  { header: 'What happened', cell: ({ reason }) => <span className={styles.reason}>{reason}</span> },
  {
    header: 'When',
    align: 'right',
    cell: ({ endedAt, createdAt }) => <RelativeTime time={endedAt ?? createdAt} />,
  },
];
