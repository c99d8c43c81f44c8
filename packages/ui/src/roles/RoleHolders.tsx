import { listUsers, PAGE_MAX, type Role } from '@lovely/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { request } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { paths } from '../paths.ts';
import styles from './RolePage.module.css';

const everybodyQuery = queryOptions({
  queryKey: ['users', 'everybody'],
  queryFn: ({ signal }) => request(listUsers, { query: { limit: PAGE_MAX } }, signal),
});

/** Who has a role, among the newest people that one page holds. */
export function RoleHolders({ role }: { role: Role }) {
  const query = useQuery(everybodyQuery);
  const holders = query.data?.items.filter(({ grants }) => grants.some(({ roleId }) => roleId === role.id)) ?? [];
  return (
    <Card title="Who has it">
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && role.users === 0 && <p className={styles.none}>Nobody yet.</p>}
      <ul className={styles.people}>
        {holders.map(({ id, name, email }) => (
          <li key={id}>
            <Link {...paths.person(id)}>{name}</Link>
            <small>{email}</small>
          </li>
        ))}
        {query.data && holders.length < role.users && <li>and {role.users - holders.length} more</li>}
      </ul>
    </Card>
  );
}
