/** One rule: what it watches and says, whom it reaches, what it would have done, and what it was before. */
import { ApiError, deleteRule, resetRule, updateRule, type Rule } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { SeverityChip } from '../alerts/SeverityChip.tsx';
import { keys, request, requestVersion } from '../api.ts';
import { useMay } from '../may.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { OriginMenu } from '../parts/OriginMenu.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { draftOf } from './rule-draft.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { RULES_KEY, ruleQuery } from './rule-queries.ts';
import styles from './RulePage.module.css';
import { RuleVersions } from './RuleVersions.tsx';

const route = getRouteApi('/app/settings/rules/$key');

export function RulePage() {
  const { key } = route.useParams();
  const { tab } = route.useSearch();
  const query = useQuery(ruleQuery(key));
  const mayWrite = useMay()('rule.write');
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const rule = query.data;
  const isBuiltIn = rule.origin === 'built-in';
  return (
    <>
      <PageHeader
        back={{ label: 'Rules', link: paths.rules() }}
        title={rule.title}
        detail={
          <span className={styles.detail}>
            <SeverityChip severity={rule.severity} />
            {isBuiltIn ? 'comes with the system' : 'made here'}
            {rule.edited && ', changed'} · version {rule.version}
          </span>
        }
        actions={mayWrite && <Actions rule={rule} />}
      />
      <Tabs
        label="Rule"
        tabs={[
          { label: 'Rule', link: { ...paths.rule(key) } },
          { label: 'Versions', link: paths.rule(key, 'versions') },
        ]}
      />
      {tab === 'versions' ? (
        <RuleVersions rule={rule} mayWrite={mayWrite} />
      ) : (
        <Editor key={rule.version} rule={rule} isReadOnly={!mayWrite} />
      )}
    </>
  );
}

function Editor({ rule, isReadOnly }: { rule: Rule; isReadOnly: boolean }) {
  const save = useChange(
    (body: ReturnType<typeof draftOf>) => requestVersion(updateRule, { params: { key: rule.key }, body }, rule.version),
    {
      outdated: [RULES_KEY, keys.alerts],
      done: ({ title }) => `${title} is saved. Connected houses have it in seconds.`,
    },
  );
  return (
    <RuleEditor
      initial={draftOf(rule)}
      ruleKey={rule.key}
      isReadOnly={isReadOnly}
      submitLabel="Save"
      change={save}
      onSubmit={(draft) => save.mutate(draft)}
    />
  );
}

function Actions({ rule }: { rule: Rule }) {
  const { key, title } = rule;
  const navigate = useNavigate();
  const reset = useChange(() => request(resetRule, { params: { key } }), {
    outdated: [RULES_KEY],
    done: `${title} is as it came.`,
  });
  const remove = useChange(() => request(deleteRule, { params: { key } }), {
    outdated: [[...RULES_KEY, 'all'], keys.alerts],
    done: `${title} is deleted.`,
  });
  return (
    <OriginMenu
      of={rule}
      reset={{
        change: reset,
        run: (close) => reset.mutate(undefined, { onSuccess: close }),
        words: 'Your changes stay among its versions, and can be brought back from there.',
      }}
      remove={{
        change: remove,
        run: () => remove.mutate(undefined, { onSuccess: () => void navigate(paths.rules()) }),
        words: 'Its open alerts close. Those that are over stay as they are.',
      }}
    />
  );
}
