/** Who would be told of an alert of a house, and when: the same decisions as for a real one. */
import type { Device, NotificationPreview, Severity } from '@lovely/api';
import { NativeSelect, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { BellOff, Mail, MoonStar, Webhook } from 'lucide-react';
import { useState } from 'react';
import { DeviceSearch } from '../devices/DeviceSearch.tsx';
import { span, toMs } from '../format/time.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { rulesQuery } from '../rules/rule-queries.ts';
import { previewQuery } from './notification-queries.ts';
import styles from './NotificationsPage.module.css';

export function Preview() {
  const [house, setHouse] = useState<Device>();
  const [severity, setSeverity] = useState<Severity>('critical');
  const [rule, setRule] = useState('');
  const { data: rules } = useQuery(rulesQuery);
  const query = useQuery(previewQuery(house?.id, severity, rule));
  return (
    <Card title="Who would be told now?">
      <div className={styles.question}>
        <SegmentedControl
          aria-label="How bad"
          data={[
            { value: 'critical', label: 'A critical alert' },
            { value: 'warning', label: 'A warning' },
          ]}
          value={severity}
          onChange={(chosen) => setSeverity(chosen)}
        />
        <NativeSelect
          label="Of the rule"
          data={[
            { value: '', label: 'some rule' },
            ...(rules?.items ?? []).map(({ key, title }) => ({ value: key, label: title })),
          ]}
          value={rule}
          onChange={(event) => setRule(event.currentTarget.value)}
        />
        <DeviceSearch label="In the house" onChoose={setHouse} />
      </div>
      {house === undefined && <p className={styles.hint}>Choose a house to see who would hear of it, and when.</p>}
      {house && query.isPending && <Waiting rows={2} />}
      {house && query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {house && query.data && <Answer items={query.data.items} askedAt={query.dataUpdatedAt} />}
    </Card>
  );
}

function Answer({ items, askedAt }: { items: readonly NotificationPreview[]; askedAt: number }) {
  if (items.length === 0)
    return (
      <output className={styles.hint}>
        <BellOff size={15} aria-hidden /> Nobody: no policy is for it, and nobody subscribed to it.
      </output>
    );
  return (
    <ol className={styles.answer} aria-label="Who would be told">
      {items.map((item, index) => (
        <li key={index} data-never={item.hindrance !== null || undefined}>
          {item.channel === 'email' ? <Mail size={16} aria-hidden /> : <Webhook size={16} aria-hidden />}
          <span>
            <b>{item.recipient}</b>
            <small>
              {item.policyName === null ? 'Subscribed' : item.policyName}
              {item.step > 0 && ', if nobody acknowledges'}
            </small>
          </span>
          <span className={styles.when}>
            {item.hindrance ?? whenText(item, askedAt)}
            {item.hindrance === null && item.isHeldByQuietHours && (
              <small>
                <MoonStar size={12} aria-hidden /> quiet hours
              </small>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function whenText({ at, isHeldByQuietHours }: NotificationPreview, askedAt: number): string {
  if (isHeldByQuietHours)
    return new Date(at).toLocaleString(undefined, { weekday: 'short', hour: '2-digit', minute: '2-digit' });
  const ms = toMs(at) - askedAt;
  return ms < 2000 ? 'at once' : `after ${span(Math.round(ms / 1000) * 1000)}`;
}
