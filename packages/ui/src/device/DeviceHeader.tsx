import type { DeviceDetail } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { ArrowLeft, Cpu, MapPin, Radio } from 'lucide-react';
import { UpdatingChip } from '../device-software/UpdatingChip.tsx';
import { useMayFor } from '../may.ts';
import { paths } from '../paths.ts';
import { LivePill } from '../shell/LivePill.tsx';
import { EditableText } from '../parts/EditableText.tsx';
import { useDevicePatch } from './device-patch.ts';
import { LastSeen } from './LastSeen.tsx';
import { StateChip } from './StateChip.tsx';
import styles from './DeviceHeader.module.css';

export function DeviceHeader({ device }: { device: DeviceDetail }) {
  const patch = useDevicePatch(device.id);
  const isReadOnly = !useMayFor(device.id)('device.write');
  return (
    <header className={styles.header}>
      <title>{`${device.name} · Lovely Smart System`}</title>
      <div className={styles.top}>
        <Link {...paths.devices()} className={styles.back}>
          <ArrowLeft size={14} aria-hidden /> Devices
        </Link>
        <LivePill />
      </div>
      <div className={styles.name}>
        <h1>
          <EditableText
            label="Name"
            value={device.name}
            onSave={(name) => patch.mutateAsync({ name })}
            isRequired
            isReadOnly={isReadOnly}
          />
        </h1>
        <StateChip device={device} />
        <UpdatingChip deviceId={device.id} />
      </div>
      <ul className={styles.facts}>
        <li>
          <MapPin size={14} aria-hidden />
          <EditableText
            label="Address"
            value={device.address}
            placeholder={isReadOnly ? 'No address' : 'Add an address'}
            isReadOnly={isReadOnly}
            onSave={(address) => patch.mutateAsync({ address })}
          />
        </li>
        <li>
          <Radio size={14} aria-hidden />
          <span>
            last seen <LastSeen device={device} />
          </span>
        </li>
        {device.client !== null && (
          <li>
            <Cpu size={14} aria-hidden />
            <span>{device.client}</span>
          </li>
        )}
      </ul>
    </header>
  );
}
