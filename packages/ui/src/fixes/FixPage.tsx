/** One fix: what it is, how often it helped and where, and a test of it on one house. */
import { ApiError, updateFix, type Fix } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { keys, requestVersion } from '../api.ts';
import { percentage } from '../format/number.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Meter } from '../parts/Meter.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { useRuleTitle } from '../rules/rule-queries.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { draftOf } from './fix-draft.ts';
import { FixEditor } from './FixEditor.tsx';
import styles from './FixPage.module.css';
import { fixQuery } from './fix-queries.ts';
import { FixRuns } from './FixRuns.tsx';
import { successText } from './fix-text.ts';
import { TestRun } from './TestRun.tsx';

const route = getRouteApi('/app/settings/fixes/$id');

export function FixPage() {
  const { id } = route.useParams();
  const query = useQuery(fixQuery(id));
  const ruleTitle = useRuleTitle();
  const mayWrite = useMay()('fix.write');
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const fix = query.data;
  return (
    <>
      <PageHeader
        back={{ label: 'Fixes', link: paths.fixes() }}
        title={fix.title}
        detail={
          <>
            For{' '}
            <Link {...paths.rule(fix.rule)} className={styles.rule}>
              {ruleTitle(fix.rule)}
            </Link>
            {fix.origin === 'built-in' ? `, comes with the system${fix.edited ? ', changed' : ''}` : ', made here'}
          </>
        }
      />
      <div className={styles.columns}>
        <Editor key={fix.version} fix={fix} isReadOnly={!mayWrite} />
        <aside className={styles.side}>
          <Success fix={fix} />
          <TestRun fix={fix} />
          <FixRuns fixId={fix.id} />
        </aside>
      </div>
    </>
  );
}

function Editor({ fix, isReadOnly }: { fix: Fix; isReadOnly: boolean }) {
  const save = useChange(
    ({ title, steps, risk, takesMs, parameters, actions, checkMs, automatic }: ReturnType<typeof draftOf>) =>
      requestVersion(
        updateFix,
        {
          params: { id: fix.id },
          body: { title, steps, risk, takesMs, parameters, actions, checkMs, automatic },
        },
        fix.version,
      ),
    { outdated: [keys.fixes], done: ({ title }) => `${title} is saved.` },
  );
  return (
    <FixEditor
      initial={draftOf(fix)}
      isNew={false}
      isReadOnly={isReadOnly}
      change={save}
      onSubmit={(draft) => save.mutate(draft)}
    />
  );
}

function Success({ fix: { stats } }: { fix: Fix }) {
  return (
    <Card title="So far">
      <div className={styles.success}>
        {stats.tried > 0 && <b>{percentage(stats.helped, stats.tried)}</b>}
        <span>{successText(stats)}</span>
      </div>
      {stats.byModel.length > 0 && (
        <div className={styles.models}>
          {stats.byModel.map(({ model, tried, helped }) => (
            <Meter key={model} label={model === '' ? 'Unknown model' : model} value={helped} max={tried} isGood />
          ))}
        </div>
      )}
    </Card>
  );
}
