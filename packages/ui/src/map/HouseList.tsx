/** Houses by name with their state in words: the list twin of marks on the map. */
import type { Device } from '@lovely/api';
import { UnstyledButton } from '@mantine/core';
import { StateChip } from '../device/StateChip.tsx';
import { HealthMark } from './HealthMark.tsx';
import styles from './HouseList.module.css';

interface HouseListProps {
  readonly label: string;
  readonly houses: readonly Device[];
  readonly selected: string | undefined;
  readonly onSelect: (device: Device) => void;
}

export function HouseList({ label, houses, selected, onSelect }: HouseListProps) {
  return (
    <table className={styles.list} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">House</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {houses.map((device) => (
          <tr
            key={device.id}
            data-house={device.id}
            data-health={device.health}
            data-selected={device.id === selected || undefined}
          >
            <th scope="row">
              <HealthMark health={device.health} />
              <UnstyledButton
                className={styles.name}
                aria-pressed={device.id === selected}
                onClick={() => onSelect(device)}
              >
                {device.name}
              </UnstyledButton>
              {device.address !== '' && <small>{device.address}</small>}
            </th>
            <td>
              <StateChip device={device} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
