/** A fix of one's own, for the alerts of a rule. */
import { createFix, type Body } from '@lovely/api';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { keys, request } from '../api.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { blankFix } from './fix-draft.ts';
import { FixEditor } from './FixEditor.tsx';

const route = getRouteApi('/app/settings/fixes/new');

export function NewFixPage() {
  const { rule = '' } = route.useSearch();
  const navigate = useNavigate();
  const make = useChange((body: Body<typeof createFix>) => request(createFix, { body }), {
    outdated: [keys.fixes],
    done: ({ title }) => `${title} is made. Test it on one house before others rely on it.`,
  });
  return (
    <>
      <PageHeader
        back={{ label: 'Fixes', link: paths.fixes() }}
        title="New fix"
        detail="Offered for every alert of its rule, to who may run fixes."
      />
      <FixEditor
        initial={blankFix(rule)}
        isNew
        isReadOnly={false}
        change={make}
        onSubmit={(fix) => make.mutate(fix, { onSuccess: ({ id }) => void navigate(paths.fix(id)) })}
      />
    </>
  );
}
