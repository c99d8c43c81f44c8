/** What a rule was before: who changed what, and the way back. */
import { updateRule, type Rule, type RuleVersion } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { requestVersion } from '../api.ts';
import { ChangeTable } from '../audit/ChangeTable.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { VersionList } from '../parts/VersionList.tsx';
import { differences, draftOf } from './rule-draft.ts';
import { RULES_KEY, ruleVersionsQuery } from './rule-queries.ts';

export function RuleVersions({ rule, mayWrite }: { rule: Rule; mayWrite: boolean }) {
  const query = useQuery(ruleVersionsQuery(rule.key));
  const restore = useChange(
    (version: RuleVersion) =>
      requestVersion(updateRule, { params: { key: rule.key }, body: draftOf(version.rule) }, rule.version),
    { outdated: [RULES_KEY], done: (_saved, { version }) => `Version ${version} is back.` },
  );
  return (
    <VersionList
      query={query}
      versions={query.data?.items}
      current={rule.version}
      madeOf={({ createdBy, createdAt }) => ({ by: createdBy, at: createdAt })}
      pending={restore.isPending ? restore.variables : undefined}
      bringLabel="Bring it back"
      onBring={
        mayWrite
          ? (version) => restore.mutate(version, { onError: (error) => void toastError('Not brought back', error) })
          : undefined
      }
    >
      {(version, before) =>
        before ? (
          <ChangeTable change={differences(before.rule, version.rule)} />
        ) : (
          <p>{version.version === 1 ? 'Where it began.' : 'What was before is no longer kept.'}</p>
        )
      }
    </VersionList>
  );
}
