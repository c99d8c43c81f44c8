/** Two-step verification: whether codes of an app are asked for, and what can be done about it. */
import { createRecoveryCodes, deleteTotp, type Factors, type Proof } from '@lovely/api';
import { Button } from '@mantine/core';
import { ShieldCheck, ShieldOff } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { Chip } from '../parts/Chip.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useChange } from '../parts/use-change.ts';
import styles from './AccountPage.module.css';
import { CodesSetup } from './CodesSetup.tsx';
import { ProofDialog } from './ProofDialog.tsx';
import { factorsQuery } from './queries.ts';
import { RecoveryCodesDialog } from './RecoveryCodes.tsx';

const RECOVERY_CODES_LOW = 3;

export function Codes({ factors }: { factors: Factors }) {
  const [open, setOpen] = useState<'setup' | 'renew' | 'off'>();
  const [newCodes, setNewCodes] = useState<readonly string[]>();
  const close = (): void => setOpen(undefined);
  const turnOff = useChange((proof: Proof) => request(deleteTotp, { body: proof }), {
    outdated: [factorsQuery.queryKey, keys.me],
    done: 'Two-step verification is off.',
  });
  const renew = useChange((proof: Proof) => request(createRecoveryCodes, { body: proof }), {
    outdated: [factorsQuery.queryKey],
  });
  const { totp, recoveryCodesLeft } = factors;
  return (
    <Card
      title="Two-step verification"
      aside={
        totp.isActive ? (
          <Chip tone="ok" icon={ShieldCheck}>
            On
          </Chip>
        ) : (
          <Chip tone="offline" icon={ShieldOff}>
            Off
          </Chip>
        )
      }
    >
      {totp.isActive ? (
        <div className={styles.row}>
          <p className={styles.text}>
            Signing in with your password takes a code of your app, too.
            {totp.activeSince !== null && (
              <>
                {' '}
                Turned on <RelativeTime time={totp.activeSince} />.
              </>
            )}
            <span className={styles.line} data-low={recoveryCodesLeft <= RECOVERY_CODES_LOW || undefined}>
              {plural(recoveryCodesLeft, 'recovery code')} left
              {recoveryCodesLeft <= RECOVERY_CODES_LOW && ': time for new ones'}.
            </span>
          </p>
          <div className={styles.actions}>
            <Button variant="default" onClick={() => setOpen('renew')}>
              New recovery codes…
            </Button>
            <Button variant="default" onClick={() => setOpen('off')}>
              Turn off…
            </Button>
          </div>
        </div>
      ) : (
        <div className={styles.row}>
          <p className={styles.text}>
            A code of an app on your phone, besides your password: who learns one still lacks the other.
          </p>
          <Button onClick={() => setOpen('setup')}>Set up…</Button>
        </div>
      )}
      {open === 'setup' && <CodesSetup onClose={close} />}
      {open === 'off' && (
        <ProofDialog
          title="Turn off two-step verification?"
          submitLabel="Turn off"
          isDanger
          hasPassword={factors.hasPassword}
          change={turnOff}
          onProof={(proof) => turnOff.mutate(proof, { onSuccess: close })}
          onClose={close}
        >
          Your password alone will sign you in, and your recovery codes are void.
          {factors.isRequired &&
            factors.passkeys === 0 &&
            ' Your organisation asks for a second step: you will have to set it up again.'}
        </ProofDialog>
      )}
      {open === 'renew' && (
        <ProofDialog
          title="Make new recovery codes?"
          submitLabel="Make new codes"
          hasPassword={factors.hasPassword}
          change={renew}
          onProof={(proof) =>
            renew.mutate(proof, {
              onSuccess: ({ recoveryCodes }) => {
                close();
                setNewCodes(recoveryCodes);
              },
            })
          }
          onClose={close}
        >
          The codes that you have now stop working.
        </ProofDialog>
      )}
      {newCodes && <RecoveryCodesDialog codes={newCodes} onClose={() => setNewCodes(undefined)} />}
    </Card>
  );
}
