/** What a rule was before: who changed what, and the way back. */
import { updateRule, type Rule, type RuleVersion } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { History, Undo2 } from 'lucide-react';
import { requestVersion } from '../api.ts';
import { ChangeTable } from '../audit/ChangeTable.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { differences, draftOf } from './rule-draft.ts';
import { RULES_KEY, ruleVersionsQuery } from './rule-queries.ts';
import styles from './RuleVersions.module.css';

export function RuleVersions({ rule, mayWrite }: { rule: Rule; mayWrite: boolean }) {
  const query = useQuery(ruleVersionsQuery(rule.key));
  const restore = useChange(
    (version: RuleVersion) =>
      requestVersion(updateRule, { params: { key: rule.key }, body: draftOf(version.rule) }, rule.version),
    { outdated: [RULES_KEY], done: (_saved, { version }) => `Version ${version} is back.` },
  );
  return (
    <ListCard
      query={query}
      items={query.data?.items}
      empty={<EmptyState icon={History} title="It was never changed" />}
    >
      {(versions) => (
        <ol className={styles.versions}>
          {versions.map((version, index) => {
            const before = versions[index + 1];
            const isCurrent = version.version === rule.version;
            return (
              <li key={version.version}>
                <header>
                  <b>Version {version.version}</b>
                  <span>
                    {version.createdBy ?? 'the system'}, <RelativeTime time={version.createdAt} />
                  </span>
                  {isCurrent ? (
                    <span className={styles.current}>in use</span>
                  ) : (
                    mayWrite && (
                      <Button
                        variant="default"
                        size="xs"
                        leftSection={<Undo2 size={14} />}
                        loading={restore.isPending && restore.variables === version}
                        onClick={() =>
                          restore.mutate(version, { onError: (error) => void toastError('Not brought back', error) })
                        }
                      >
                        Bring it back
                      </Button>
                    )
                  )}
                </header>
                {before ? (
                  <ChangeTable change={differences(before.rule, version.rule)} />
                ) : (
                  <p>{version.version === 1 ? 'Where it began.' : 'What was before is no longer kept.'}</p>
                )}
              </li>
            );
          })}
        </ol>
      )}
    </ListCard>
  );
}
