import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Group } from 'lucide-react';
import { deviceGroupsQuery } from '../groups/group-queries.ts';
import { Card } from '../parts/Card.tsx';
import { paths } from '../paths.ts';
import styles from './DeviceGroups.module.css';

/** The groups that a house is in; no card where it is in none. */
export function DeviceGroups({ deviceId }: { deviceId: string }) {
  const { data } = useQuery(deviceGroupsQuery(deviceId));
  if (!data || data.items.length === 0) return null;
  return (
    <Card title="Groups" aside={<Group size={16} aria-hidden className={styles.icon} />}>
      <ul className={styles.groups}>
        {data.items.map(({ id, name }) => (
          <li key={id}>
            <Link {...paths.group(id)}>{name}</Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
