/** Rules: what raises an alert. Those that come with the system, and one's own. */
import { updateRule, type Rule } from '@lovely/api';
import { Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ListChecks } from 'lucide-react';
import { SeverityChip } from '../alerts/SeverityChip.tsx';
import { requestVersion } from '../api.ts';
import { count } from '../format/number.ts';
import { useMay } from '../may.ts';
import { rowLink, type Column } from '../parts/Table.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { RULES_KEY, rulesQuery } from './rule-queries.ts';
import styles from './RulesPage.module.css';
import { ruleOfText, targetText, watchText } from './watch-text.ts';

export function RulesPage() {
  const query = useQuery(rulesQuery);
  const navigate = useNavigate();
  const may = useMay();
  return (
    <ListPage
      title="Rules"
      detail="What raises an alert, on which houses, and what to do about it."
      query={query}
      rows={query.data?.items.map((rule) => ({ ...rule, id: rule.key, name: rule.title }))}
      columns={columns}
      make={may('rule.write') && { label: 'New rule', onMake: () => void navigate(paths.newRule()) }}
      empty={{ icon: ListChecks, title: 'No rule yet', detail: 'Without rules no house ever turns red.' }}
    />
  );
}

const columns: Column<Rule>[] = [
  {
    header: 'Rule',
    cell: (rule) => (
      <>
        <Link {...paths.rule(rule.key)} className={rowLink}>
          {rule.title}
        </Link>
        <div className={styles.watch}>
          {rule.of.kind === 'sensors' && <b>{ruleOfText(rule.of)}: </b>}
          {watchText(rule.watch)}
        </div>
      </>
    ),
  },
  { header: 'Severity', cell: ({ severity }) => <SeverityChip severity={severity} /> },
  { header: 'For', isWideOnly: true, cell: ({ target }) => <span className={styles.for}>{targetText(target)}</span> },
  {
    header: 'Comes from',
    isWideOnly: true,
    cell: ({ origin, edited }) => (origin === 'own' ? 'you' : edited ? 'the system, changed' : 'the system'),
  },
  {
    header: 'Open',
    isWideOnly: true,
    align: 'right',
    cell: ({ key, openAlerts }) =>
      openAlerts === 0 ? (
        <span className={styles.none}>–</span>
      ) : (
        <Link {...paths.alerts({ group: `rule:${key}` })} className="numeric">
          {count(openAlerts)}
        </Link>
      ),
  },
  { header: 'On', align: 'right', cell: (rule) => <RuleSwitch rule={rule} /> },
];

function RuleSwitch({ rule }: { rule: Rule }) {
  const may = useMay();
  const change = useChange(
    (enabled: boolean) => requestVersion(updateRule, { params: { key: rule.key }, body: { enabled } }, rule.version),
    { outdated: [RULES_KEY], done: ({ title, enabled }) => `${title} is switched ${enabled ? 'on' : 'off'}.` },
  );
  return (
    <Switch
      className={styles.switch ?? ''}
      aria-label={`${rule.title} is switched on`}
      checked={change.isPending ? change.variables : rule.enabled}
      disabled={!may('rule.write')}
      onChange={(event) =>
        change.mutate(event.currentTarget.checked, { onError: (error) => void toastError('Not changed', error) })
      }
    />
  );
}
