/** A rule of one's own, made from nothing. */
import { createRule, type RuleDraft } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { request } from '../api.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { blankRule, keyFor } from './rule-draft.ts';
import { RuleEditor } from './RuleEditor.tsx';
import { RULES_KEY, rulesQuery } from './rule-queries.ts';

export function NewRulePage() {
  const navigate = useNavigate();
  const { data: rules } = useQuery(rulesQuery);
  const make = useChange(
    (draft: RuleDraft) => request(createRule, { body: { ...draft, key: keyFor(draft.title, rules?.items ?? []) } }),
    { outdated: [RULES_KEY], done: ({ title }) => `${title} is made.` },
  );
  return (
    <>
      <PageHeader
        back={{ label: 'Rules', link: paths.rules() }}
        title="New rule"
        detail="Try it on what was, before it wakes anybody."
      />
      <RuleEditor
        initial={blankRule()}
        isReadOnly={false}
        submitLabel="Make the rule"
        change={make}
        onSubmit={(draft) => make.mutate(draft, { onSuccess: ({ key }) => void navigate(paths.rule(key)) })}
      />
    </>
  );
}
