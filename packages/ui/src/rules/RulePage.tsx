/** One rule: what it watches and says, whom it reaches, what it would have done, and what it was before. */
import { ApiError, deleteRule, resetRule, updateRule, type Rule } from '@lovely/api';
import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { SeverityChip } from '../alerts/SeverityChip.tsx';
import { keys, request, requestVersion } from '../api.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
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
  const [asked, setAsked] = useState<'reset' | 'delete'>();
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
        actions={
          mayWrite &&
          (!isBuiltIn || rule.edited) && (
            <RowMenu label={`Actions for ${rule.title}`}>
              {isBuiltIn ? (
                <Menu.Item leftSection={<RotateCcw size={15} />} onClick={() => setAsked('reset')}>
                  Make it as it came…
                </Menu.Item>
              ) : (
                <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setAsked('delete')}>
                  Delete…
                </Menu.Item>
              )}
            </RowMenu>
          )
        }
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
      {asked === 'reset' && <Reset rule={rule} onClose={() => setAsked(undefined)} />}
      {asked === 'delete' && <Delete rule={rule} onClose={() => setAsked(undefined)} />}
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

function Reset({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const reset = useChange(() => request(resetRule, { params: { key: rule.key } }), {
    outdated: [RULES_KEY],
    done: `${rule.title} is as it came.`,
  });
  return (
    <ConfirmDialog
      title={`Make ${rule.title} as it came?`}
      submitLabel="Make it as it came"
      change={reset}
      onConfirm={() => reset.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Your changes stay among its versions, and can be brought back from there.
    </ConfirmDialog>
  );
}

function Delete({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange(() => request(deleteRule, { params: { key: rule.key } }), {
    outdated: [[...RULES_KEY, 'all'], keys.alerts],
    done: `${rule.title} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${rule.title}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.rules()) })}
      onClose={onClose}
    >
      Its open alerts close. Those that are over stay as they are.
    </ConfirmDialog>
  );
}
