import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Wrench } from 'lucide-react';
import { fixesQuery } from '../fixes/fix-queries.ts';
import { successText } from '../fixes/fix-text.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import styles from './RuleFixes.module.css';

/** The fixes that are offered for the alerts of a rule. */
export function RuleFixes({ ruleKey }: { ruleKey: string }) {
  const { data } = useQuery(fixesQuery({ rule: ruleKey }));
  const may = useMay();
  return (
    <Card title="Fixes">
      {data?.items.length === 0 && <p className={styles.none}>None yet: only its steps are shown to people.</p>}
      <ul className={styles.fixes}>
        {data?.items.map(({ id, title, stats }) => (
          <li key={id}>
            <Wrench size={15} aria-hidden />
            <span>
              <Link {...paths.fix(id)}>{title}</Link>
              <small>{successText(stats)}</small>
            </span>
          </li>
        ))}
      </ul>
      {may('fix.write') && (
        <LinkButton {...paths.newFix(ruleKey)} variant="default" size="xs">
          Add a fix
        </LinkButton>
      )}
    </Card>
  );
}
