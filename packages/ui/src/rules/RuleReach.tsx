import type { RuleOf, RuleTarget } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { StateChip } from '../device/StateChip.tsx';
import { count, plural } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { rulePreviewQuery } from './rule-queries.ts';
import styles from './RuleReach.module.css';

/** How many houses a rule that is being written reaches now, and some of them. */
export function RuleReach({ of, target }: { of: RuleOf; target: RuleTarget }) {
  const { data, error, isPlaceholderData } = useQuery(rulePreviewQuery(of, target));
  return (
    <Card title="Reaches now">
      <FormError error={error} />
      {data && (
        <div className={styles.reach} data-old={isPlaceholderData || undefined}>
          <output>
            <b>{count(data.devices)}</b> {data.devices === 1 ? 'house' : 'houses'}
            {data.sensors !== null && ` with ${plural(data.sensors, 'such sensor')}`}
          </output>
          <ul>
            {data.sample.map((device) => (
              <li key={device.id}>
                <span>{device.name}</span>
                <StateChip device={device} />
              </li>
            ))}
          </ul>
          {data.devices > data.sample.length && (
            <span className={styles.more}>and {plural(data.devices - data.sample.length, 'more', 'more')}</span>
          )}
        </div>
      )}
    </Card>
  );
}
