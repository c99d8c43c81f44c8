/** Turns codes on: scan, type the first code, keep the recovery codes. */
import { beginTotp, confirmTotp } from '@lovely/api';
import { Button, CopyButton, Modal, Skeleton, TextInput, UnstyledButton } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { keys, request } from '../api.ts';
import { FormError } from '../parts/FormError.tsx';
import { QrCode } from '../parts/QrCode.tsx';
import { useChange } from '../parts/use-change.ts';
import { useReturnFocus } from '../parts/use-return-focus.ts';
import styles from './CodesSetup.module.css';
import { factorsQuery, loginsQuery } from './queries.ts';
import { RecoveryCodesDialog } from './RecoveryCodes.tsx';

export function CodesSetup({ onClose }: { onClose: () => void }) {
  useReturnFocus();
  const [code, setCode] = useState('');
  const begin = useMutation({ mutationFn: () => request(beginTotp) });
  const confirm = useChange((text: string) => request(confirmTotp, { body: { code: text } }), {
    outdated: [factorsQuery.queryKey, loginsQuery.queryKey, keys.me],
    done: 'Two-step verification is on.',
  });
  const { mutate } = begin;
  useEffect(() => mutate(), [mutate]);

  if (confirm.data) return <RecoveryCodesDialog codes={confirm.data.recoveryCodes} onClose={onClose} />;
  return (
    <Modal opened onClose={onClose} title="Set up two-step verification" size="lg">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate(code.trim());
        }}
      >
        <FormError error={begin.error} />
        <ol className={styles.steps}>
          <li>
            <p>Open an authenticator app on your phone and scan this picture with it.</p>
            <div className={styles.scan}>
              {begin.data ? (
                <QrCode text={begin.data.uri} label="QR code for your authenticator app" />
              ) : (
                <Skeleton width={176} height={176} radius={12} />
              )}
              <div>
                <p className={styles.hint}>Can’t scan it? Type this key into the app:</p>
                {begin.data && <Secret value={begin.data.secret} />}
              </div>
            </div>
          </li>
          <li>
            <p>Type the six digits that it shows now.</p>
            <TextInput
              aria-label="Code"
              autoComplete="one-time-code"
              inputMode="numeric"
              required
              data-autofocus
              className={styles.code}
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          </li>
        </ol>
        <FormError error={confirm.error} />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={confirm.isPending} disabled={!begin.data || code.trim() === ''}>
            Turn on
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** In groups of four, as people type it; the spaces are not copied. */
function Secret({ value }: { value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <UnstyledButton className={styles.secret} onClick={copy}>
          <span className="visually-hidden">Copy the key </span>
          <code>{value.match(/.{1,4}/g)?.join(' ')}</code>
          {copied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
