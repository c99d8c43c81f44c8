/** One person: their roles, what these come to, and their account. */
import { ApiError } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { AccessPreview } from './AccessPreview.tsx';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { GrantChips } from './GrantChips.tsx';
import { PersonAccount } from './PersonAccount.tsx';
import { PersonRoles } from './PersonRoles.tsx';
import { PersonState } from './PersonState.tsx';
import { userQuery } from './people-queries.ts';
import styles from './PersonPage.module.css';

const route = getRouteApi('/app/settings/people/$id');

export function PersonPage() {
  const { id } = route.useParams();
  const query = useQuery(userQuery(id));
  const may = useMay();
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const person = query.data;
  return (
    <>
      <PageHeader
        back={{ label: 'People', link: paths.people() }}
        title={person.name}
        detail={
          <span className={styles.detail}>
            {person.email} <PersonState person={person} />
          </span>
        }
      />
      <div className={styles.columns}>
        <div className={styles.main}>
          {may('people.write') ? (
            <PersonRoles key={person.version} person={person} />
          ) : (
            <Card title="Roles">
              <GrantChips grants={person.grants} />
            </Card>
          )}
          <AccessPreview person={person} />
        </div>
        <PersonAccount person={person} />
      </div>
    </>
  );
}
