/** The organisation itself: how much of its limits it uses, and what holds for everybody in it. */
import { useQuery } from '@tanstack/react-query';
import { bytes, count } from '../format/number.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Meter } from '../parts/Meter.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { ownTenantQuery } from './tenant-queries.ts';
import { TenantSettingsForm } from './TenantSettingsForm.tsx';
import styles from './GeneralPage.module.css';

export function GeneralPage() {
  const query = useQuery(ownTenantQuery);
  const may = useMay();
  const tenant = query.data;
  return (
    <>
      <PageHeader title="General" detail={tenant?.name} />
      {query.isPending && <Waiting rows={3} rowHeight={90} />}
      {query.isError && !tenant && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {tenant && (
        <div className={styles.cards}>
          <Card title="Usage">
            <div className={styles.meters}>
              <Meter label="Gateways" value={tenant.usage.devices} max={tenant.limits.devices} />
              <Meter label="Connected now" value={tenant.usage.connected} />
              <Meter label="People" value={tenant.usage.users} />
              {tenant.limits.messagesPerSecond !== null && (
                <p>Its gateways may send {count(tenant.limits.messagesPerSecond)} messages a second together.</p>
              )}
              <p>
                Its software takes {bytes(tenant.usage.storageBytes)}
                {tenant.limits.storageBytes === null ? '.' : ` of ${bytes(tenant.limits.storageBytes)}.`}
              </p>
            </div>
          </Card>
          <TenantSettingsForm key={tenant.version} tenant={tenant} isReadOnly={!may('tenant.write')} />
        </div>
      )}
    </>
  );
}
