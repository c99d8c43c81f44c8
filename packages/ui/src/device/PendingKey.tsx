/** A waiting key of a device: its fingerprint, Accept and Reject for who may. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Check, X } from 'lucide-react';
import { deviceQuery } from '../api.ts';
import { useMay } from '../may.ts';
import { errorText } from '../parts/error-text.ts';
import { Fingerprint } from '../parts/Fingerprint.tsx';
import { useKeyDecision } from './key-decision.ts';
import styles from './PendingKey.module.css';

export function PendingKey({ deviceId, onAccepted }: { deviceId: string; onAccepted?: () => void }) {
  const may = useMay();
  const { data: device, error } = useQuery(deviceQuery(deviceId));
  const decision = useKeyDecision(deviceId);
  if (error) return <span className={styles.error}>{errorText(error)}</span>;
  const waiting = device?.authSets.filter((set) => set.status === 'pending') ?? [];
  return waiting.map((set) => (
    <div key={set.id} className={styles.key}>
      <Fingerprint value={set.fingerprint} />
      {may('device.accept') ? (
        <div className={styles.actions}>
          <Button
            variant="default"
            leftSection={<X size={15} />}
            disabled={decision.isPending}
            onClick={() => decision.mutate({ authSetId: set.id, status: 'rejected' })}
          >
            Reject
          </Button>
          <Button
            leftSection={<Check size={16} />}
            loading={decision.isPending}
            onClick={() =>
              decision.mutate({ authSetId: set.id, status: 'accepted' }, { onSuccess: () => onAccepted?.() })
            }
          >
            Accept
          </Button>
        </div>
      ) : (
        <span className={styles.waiting}>Somebody whose role lets gateways in decides.</span>
      )}
    </div>
  ));
}
