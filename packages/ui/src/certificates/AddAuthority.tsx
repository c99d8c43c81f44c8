import { createCertificateAuthority } from '@lovely/api';
import { TextInput } from '@mantine/core';
import type { QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { request } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { TextFileInput } from '../parts/TextFileInput.tsx';
import { useChange } from '../parts/use-change.ts';

export function AddAuthority({ outdated, onClose }: { outdated: readonly QueryKey[]; onClose: () => void }) {
  const [name, setName] = useState('');
  const [certificate, setCertificate] = useState('');
  const add = useChange(
    () =>
      request(createCertificateAuthority, {
        body: { certificate, ...(name.trim() === '' ? {} : { name: name.trim() }) },
      }),
    { outdated, done: ({ name: added }) => `${added} is added.` },
  );
  return (
    <FormDialog
      title="Add a certificate authority"
      submitLabel="Add"
      change={add}
      isReady={certificate.trim() !== ''}
      onSubmit={() => add.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      size="lg"
    >
      <TextFileInput
        label="Certificate"
        description="PEM, of the authority itself: never its private key."
        accept=".pem,.crt,.cer"
        placeholder="-----BEGIN CERTIFICATE-----"
        value={certificate}
        onChange={setCertificate}
      />
      <TextInput
        label="Name"
        description="Empty: the subject of the certificate."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
