import { preauthorizeDevice } from '@lovely/api';
import { Button, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { tagList } from '../parts/tag-list.ts';
import { TextFileInput } from '../parts/TextFileInput.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import styles from './ImportPage.module.css';

/** Pre-authorises one gateway by hand. */
export function OneDevice() {
  const navigate = useNavigate();
  const [attribute, setAttribute] = useState('mac');
  const [value, setValue] = useState('');
  const [publicKey, setPublicKey] = useState('');
  const [name, setName] = useState('');
  const [address, setAddress] = useState('');
  const [tags, setTags] = useState('');
  const add = useChange(
    () =>
      request(preauthorizeDevice, {
        body: {
          identity: { [attribute.trim()]: value.trim() },
          publicKey,
          tags: tagList(tags),
          ...(name.trim() === '' ? {} : { name: name.trim() }),
          ...(address.trim() === '' ? {} : { address: address.trim() }),
        },
      }),
    { outdated: [keys.devices, keys.fleet], done: (device) => `${device.name} is pre-authorised.` },
  );
  const isReady = [attribute, value, publicKey].every((text) => text.trim() !== '');
  return (
    <Card title="The gateway">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined, { onSuccess: (device) => void navigate(paths.device(device.id)) });
        }}
      >
        <div className={styles.pair}>
          <TextInput
            label="It says of itself"
            description="The name of what its auth request carries."
            value={attribute}
            onChange={(event) => setAttribute(event.currentTarget.value)}
          />
          <TextInput
            label="Value"
            description="Exactly as it sends it."
            placeholder="02:00:00:aa:bb:01"
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
          />
        </div>
        <TextFileInput
          label="Public key"
          description="PEM. The private key never leaves the gateway."
          accept=".pem,.pub"
          placeholder="-----BEGIN PUBLIC KEY-----"
          value={publicKey}
          onChange={setPublicKey}
        />
        <TextInput label="Name of the house" value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label="Address" value={address} onChange={(event) => setAddress(event.currentTarget.value)} />
        <TextInput
          label="Tags"
          description="With commas between."
          value={tags}
          onChange={(event) => setTags(event.currentTarget.value)}
        />
        <FormError error={add.error} />
        <Button type="submit" disabled={!isReady} loading={add.isPending}>
          Pre-authorise
        </Button>
      </form>
    </Card>
  );
}
