/** One deployment as it goes: how far its houses are, what its gates see, why some failed, and each house. */
import { ApiError, type DeploymentDetail } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { RotateCcw } from 'lucide-react';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useKeptFocus } from '../parts/use-return-focus.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { deploymentFailuresQuery, deploymentQuery } from './deployment-queries.ts';
import type { DeploymentSearch } from './deployment-search.ts';
import { DeploymentActions } from './DeploymentActions.tsx';
import { DeploymentDevices } from './DeploymentDevices.tsx';
import { DeploymentEvents } from './DeploymentEvents.tsx';
import styles from './DeploymentPage.module.css';
import { DeploymentProgress } from './DeploymentProgress.tsx';
import { DeploymentStateChip } from './DeploymentStateChip.tsx';
import { DeviceDrawer } from './DeviceDrawer.tsx';
import { FailureGroups } from './FailureGroups.tsx';
import { optionFacts } from './option-facts.ts';
import { PhaseRail } from './PhaseRail.tsx';
import { TargetText } from './TargetText.tsx';

const route = getRouteApi('/app/deployments/$id');

export function DeploymentPage() {
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(deploymentQuery(id));
  const { data: failures } = useQuery(deploymentFailuresQuery(id));
  useKeptFocus();
  if (query.isPending)
    return (
      <Page>
        <Waiting rows={4} rowHeight={90} />
      </Page>
    );
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} isPage />;
  const deployment = query.data;
  const groups = failures?.items ?? [];
  const look = (part: DeploymentSearch): void =>
    void navigate({ ...paths.deployment(id, { ...search, ...part }), replace: true, resetScroll: false });
  return (
    <Page>
      <PageHeader
        back={{ label: 'Deployments', link: paths.deployments() }}
        title={deployment.name}
        detail={<Head deployment={deployment} />}
        actions={<DeploymentActions deployment={deployment} />}
      />
      <div className={styles.cards}>
        {deployment.retryOf !== null && (
          <Notice icon={RotateCcw} tone="plain" title="It repeats another deployment">
            For <Link {...paths.deployment(deployment.retryOf)}>the houses that failed there</Link>.
          </Notice>
        )}
        <Card>
          <DeploymentProgress
            deployment={deployment}
            rolledBack={groups.reduce((sum, { rolledBack }) => sum + rolledBack, 0)}
            chosen={search.houses}
            onChoose={(houses) => look({ houses, failure: undefined })}
          />
        </Card>
        <PhaseRail deployment={deployment} />
        {groups.length > 0 && (
          <FailureGroups
            deployment={deployment}
            groups={groups}
            chosen={search.failure}
            onChoose={(failure) => look({ failure, houses: undefined })}
          />
        )}
        <DeploymentDevices id={id} search={search} failures={groups} onLook={look} />
        <div className={styles.columns}>
          <DeploymentEvents deployment={deployment} />
          <Card title="How it is rolled out">
            <Facts facts={optionFacts(deployment.options)} />
          </Card>
        </div>
      </div>
      {search.house !== undefined && (
        <DeviceDrawer id={id} deviceId={search.house} onClose={() => look({ house: undefined })} />
      )}
    </Page>
  );
}

function Head({ deployment }: { deployment: DeploymentDetail }) {
  const { artifactName, target, counts, createdAt, createdBy, startedAt } = deployment;
  return (
    <span className={styles.head}>
      <DeploymentStateChip deployment={deployment} />
      <span>
        <b>{artifactName}</b> to <TargetText target={target} houses={counts.houses} />,{' '}
        {startedAt === null ? 'made' : 'started'} <RelativeTime time={startedAt ?? createdAt} /> by {createdBy.name}
      </span>
    </span>
  );
}
