/** What a person's roles come to: each permission in plain words, where it holds, and on one house. */
import type { getUserAccess, Result, UserAccount } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Check, CircleDashed, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { DeviceSearch } from '../devices/DeviceSearch.tsx';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { userAccessQuery } from '../roles/role-queries.ts';
import styles from './AccessPreview.module.css';

type Access = Result<typeof getUserAccess>['items'][number];

export function AccessPreview({ person }: { person: UserAccount }) {
  const [device, setDevice] = useState<{ id: string; name: string }>();
  const query = useQuery(userAccessQuery(person.id, device?.id));
  return (
    <Card title={`What can ${person.name} do?`}>
      <DeviceSearch label="Ask about one house" onChoose={setDevice} />
      {query.isPending && <Waiting rows={6} rowHeight={30} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <table className={styles.matrix}>
          <thead>
            <tr>
              <th scope="col">Permission</th>
              <th scope="col">Where</th>
              {device && <th scope="col">On {device.name}</th>}
            </tr>
          </thead>
          <tbody>
            {query.data.items.map((access) => (
              <tr key={access.permission} data-no={access.holds === 'no' || undefined}>
                <th scope="row">
                  {access.allows}
                  {access.roles.length > 0 && <small>as {access.roles.join(', ')}</small>}
                </th>
                <td>
                  <Where holds={access.holds} />
                </td>
                {device && (
                  <td>{access.onDevice === null ? <span>–</span> : access.onDevice ? <Yes>yes</Yes> : <No>no</No>}</td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function Where({ holds }: { holds: Access['holds'] }) {
  if (holds === 'no') return <No>no</No>;
  if (holds === 'all') return <Yes>everywhere</Yes>;
  return (
    <span className={styles.some}>
      <CircleDashed size={15} strokeWidth={2.2} aria-hidden /> only in {holds.map(({ name }) => name).join(', ')}
    </span>
  );
}

function Yes({ children }: { children: ReactNode }) {
  return (
    <span className={styles.yes}>
      <Check size={15} strokeWidth={2.6} aria-hidden /> {children}
    </span>
  );
}

function No({ children }: { children: ReactNode }) {
  return (
    <span className={styles.no}>
      <X size={15} aria-hidden /> {children}
    </span>
  );
}
