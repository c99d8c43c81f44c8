/** Deletes a device and everything known of it, after its name has been typed. */
import { deleteDevice, type DeviceDetail } from '@lovely/api';
import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { toast } from '../parts/toast.ts';
import { paths } from '../paths.ts';
import styles from './Decommission.module.css';

export function Decommission({ device }: { device: DeviceDetail }) {
  const [isAsking, setAsking] = useState(false);
  const [typed, setTyped] = useState('');
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => request(deleteDevice, { params: { id: device.id } }),
    onSuccess: async () => {
      await navigate(paths.devices());
      queryClient.removeQueries({ queryKey: keys.device(device.id) });
      await Promise.all(
        [keys.devices, keys.fleet, keys.map, keys.alerts].map((key) =>
          queryClient.invalidateQueries({ queryKey: key }),
        ),
      );
      await toast(`${device.name} is decommissioned.`);
    },
  });
  return (
    <Card title="Decommission">
      <p className={styles.text}>The keys of this device are void at once, and everything known of it is deleted.</p>
      <Button variant="default" color="red" onClick={() => setAsking(true)}>
        Decommission…
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`Decommission ${device.name}?`}>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate();
          }}
        >
          <p className={styles.text}>This cannot be taken back.</p>
          <FormError error={remove.error} />
          <TextInput
            label={`Type “${device.name}” to confirm`}
            autoComplete="off"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" color="red" disabled={typed !== device.name} loading={remove.isPending}>
            Decommission
          </Button>
        </form>
      </Modal>
    </Card>
  );
}
