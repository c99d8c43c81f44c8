import { AUDIT_RETENTION_DAYS_MAX, AUDIT_RETENTION_DAYS_MIN, updateOwnTenant, type OwnTenant } from '@lovely/api';
import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { keys, requestVersion } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { useChange } from '../parts/use-change.ts';
import { ownTenantQuery } from './tenant-queries.ts';
import styles from './GeneralPage.module.css';

/** What holds for everybody in the organisation. */
export function TenantSettingsForm({ tenant, isReadOnly }: { tenant: OwnTenant; isReadOnly: boolean }) {
  const { settings } = tenant;
  const [timeZone, setTimeZone] = useState(settings.timeZone);
  const [isStrict, setStrict] = useState(settings.requireSecondFactor);
  const [days, setDays] = useState(String(settings.auditRetentionDays));
  const save = useChange(
    () =>
      requestVersion(
        updateOwnTenant,
        { body: { settings: { timeZone, requireSecondFactor: isStrict, auditRetentionDays: Number(days) } } },
        tenant.version,
      ),
    { outdated: [ownTenantQuery.queryKey, keys.me], done: 'Saved.' },
  );
  return (
    <Card title="For everybody here">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <NativeSelect
          label="Time zone"
          description="What days and schedules go by."
          data={timeZones(settings.timeZone)}
          value={timeZone}
          disabled={isReadOnly}
          onChange={(event) => setTimeZone(event.currentTarget.value)}
        />
        <Switch
          label="Require a second factor"
          description="Whoever signs in without one can do nothing but set one up."
          checked={isStrict}
          disabled={isReadOnly}
          onChange={(event) => setStrict(event.currentTarget.checked)}
        />
        <TextInput
          label="Keep the audit log for"
          description={`Days, ${AUDIT_RETENTION_DAYS_MIN} to ${AUDIT_RETENTION_DAYS_MAX}.`}
          type="number"
          min={AUDIT_RETENTION_DAYS_MIN}
          max={AUDIT_RETENTION_DAYS_MAX}
          required
          withAsterisk={false}
          value={days}
          disabled={isReadOnly}
          onChange={(event) => setDays(event.currentTarget.value)}
        />
        <FormError error={save.error} />
        {!isReadOnly && (
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        )}
      </form>
    </Card>
  );
}

/** Those that the browser knows, and the one that is set. */
function timeZones(current: string): string[] {
  return [...new Set(['UTC', current, ...Intl.supportedValuesOf('timeZone')])];
}
