import { createTrustedKey } from '@lovely/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { TextFileInput } from '../parts/TextFileInput.tsx';
import { useChange } from '../parts/use-change.ts';
import { trustedKeysQuery } from '../software/software-queries.ts';

export function AddKey({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [publicKeyPem, setPem] = useState('');
  const add = useChange(() => request(createTrustedKey, { body: { name: name.trim(), publicKeyPem } }), {
    outdated: [trustedKeysQuery.queryKey, keys.releases],
    done: ({ name: added }) => `${added} is trusted.`,
  });
  return (
    <FormDialog
      title="Trust a key"
      submitLabel="Trust"
      change={add}
      isReady={name.trim() !== '' && publicKeyPem.trim() !== ''}
      onSubmit={() => add.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        label="Name"
        placeholder="Release builds"
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextFileInput
        label="Public key"
        description="PEM: RSA of at least 2048 bits, ECDSA on P-256, or Ed25519. Never the private half."
        accept=".pem,.pub,.key"
        placeholder="-----BEGIN PUBLIC KEY-----"
        value={publicKeyPem}
        onChange={setPem}
      />
    </FormDialog>
  );
}
