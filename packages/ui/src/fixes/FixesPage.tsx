/** Fixes: what is offered for each problem, and how often it helped. */
import { deleteFix, resetFix, type Fix } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { RotateCcw, Trash2, Wrench, Zap } from 'lucide-react';
import { keys, request } from '../api.ts';
import { useMay } from '../may.ts';
import { Chip } from '../parts/Chip.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { rowLink, type Column } from '../parts/Table.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { useRuleTitle } from '../rules/rule-queries.ts';
import { ListPage, type RowAction } from '../shell/ListPage.tsx';
import { fixesQuery } from './fix-queries.ts';
import styles from './FixesPage.module.css';
import { actionText, successText } from './fix-text.ts';
import { RiskChip } from './RiskChip.tsx';

export function FixesPage() {
  const query = useQuery(fixesQuery());
  const ruleTitle = useRuleTitle();
  const navigate = useNavigate();
  const may = useMay();
  const columns: Column<Fix>[] = [
    {
      header: 'Fix',
      cell: ({ id, title, actions }) => (
        <>
          <Link {...paths.fix(id)} className={rowLink}>
            {title}
          </Link>
          <div className={styles.actions}>
            {actions.length === 0 ? 'Steps for people only' : actions.map(actionText).join(' · ')}
          </div>
        </>
      ),
    },
    { header: 'For', cell: ({ rule }) => ruleTitle(rule) },
    { header: 'Risk', cell: ({ risk }) => <RiskChip risk={risk} /> },
    { header: 'So far', cell: ({ stats }) => <span className="numeric">{successText(stats)}</span> },
    {
      header: 'By itself',
      isWideOnly: true,
      cell: ({ automatic }) =>
        automatic.enabled ? (
          <Chip tone="pending" icon={Zap}>
            On
          </Chip>
        ) : (
          <span className={styles.none}>–</span>
        ),
    },
  ];
  return (
    <ListPage
      title="Fixes"
      detail="What is offered when something is wrong. What helped most often stands first."
      query={query}
      rows={query.data?.items.map((fix) => ({ ...fix, name: fix.title }))}
      columns={columns}
      make={may('fix.write') && { label: 'New fix', onMake: () => void navigate(paths.newFix()) }}
      actions={may('fix.write') ? FIX_ACTIONS : []}
      empty={{
        icon: Wrench,
        title: 'No fix yet',
        detail: 'Write down what helps, as steps or as something that runs, and it is one click from then on.',
      }}
    />
  );
}

const FIX_ACTIONS: readonly RowAction<Fix>[] = [
  {
    label: 'Make it as it came…',
    icon: RotateCcw,
    isFor: ({ origin, edited }) => origin === 'built-in' && edited,
    dialog: (fix, onClose) => <ResetFix fix={fix} onClose={onClose} />,
  },
  {
    label: 'Delete…',
    icon: Trash2,
    isDanger: true,
    isFor: ({ origin }) => origin === 'own',
    dialog: (fix, onClose) => <DeleteFix fix={fix} onClose={onClose} />,
  },
];

function ResetFix({ fix, onClose }: { fix: Fix; onClose: () => void }) {
  const reset = useChange(() => request(resetFix, { params: { id: fix.id } }), {
    outdated: [keys.fixes],
    done: `${fix.title} is as it came.`,
  });
  return (
    <ConfirmDialog
      title={`Make ${fix.title} as it came?`}
      submitLabel="Make it as it came"
      change={reset}
      onConfirm={() => reset.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      What you changed is lost. How often it helped stays.
    </ConfirmDialog>
  );
}

function DeleteFix({ fix, onClose }: { fix: Fix; onClose: () => void }) {
  const remove = useChange(() => request(deleteFix, { params: { id: fix.id } }), {
    outdated: [keys.fixes],
    done: `${fix.title} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${fix.title}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      It is no longer offered. What it did on houses stays in the list of runs.
    </ConfirmDialog>
  );
}
