/** The software of one house: an update under way, what runs, what was rolled out to it, and the bill of everything there. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Rocket } from 'lucide-react';
import { deviceDeploymentsQuery } from '../deployments/deployment-queries.ts';
import { useMayFor } from '../may.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { deviceSoftwareQuery } from '../versions/software-queries.ts';
import { SoftwareBill } from './SoftwareBill.tsx';
import styles from './SoftwareTab.module.css';
import { UnderWay } from './UnderWay.tsx';
import { UpdateHistory } from './UpdateHistory.tsx';
import { isOnItsWay } from './under-way.ts';
import { WhatRuns } from './WhatRuns.tsx';

const route = getRouteApi('/app/devices/$id/software');

export function SoftwareTab() {
  const { id } = route.useParams();
  const may = useMayFor(id);
  const software = useQuery(deviceSoftwareQuery(id));
  const history = useInfiniteQuery(deviceDeploymentsQuery(id));
  const updates = history.data?.pages.flatMap(({ items }) => items) ?? [];
  const onTheWay = updates.filter(isOnItsWay);
  return (
    <div className={styles.tab}>
      {may('deployment.write') && (
        <div className={styles.buttons}>
          <LinkButton {...paths.newDeployment({ houses: id })} leftSection={<Rocket size={16} />}>
            Update this house…
          </LinkButton>
        </div>
      )}
      {onTheWay.map((update) => (
        <UnderWay key={update.deployment.id} update={update} />
      ))}
      {software.isPending && <Waiting rows={3} rowHeight={60} />}
      {software.isError && !software.data && (
        <ErrorState error={software.error} onRetry={() => void software.refetch()} />
      )}
      {software.data && <WhatRuns software={software.data} />}
      <UpdateHistory
        deviceId={id}
        query={history}
        updates={history.data ? updates.filter((update) => !isOnItsWay(update)) : undefined}
        runs={software.data?.artifactName ?? null}
      />
      {software.data && software.data.bill.length > 0 && <SoftwareBill bill={software.data.bill} />}
    </div>
  );
}
