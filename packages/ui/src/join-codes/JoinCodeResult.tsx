/** A new join code, shown this once: to read out, to scan, to paste. */
import type { createJoinCode, Result } from '@lovely/api';
import { Button, Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { systemQuery } from '../api.ts';
import { clientCommand, menderConfiguration } from '../connect/command.ts';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { CopyLine } from '../parts/CopyLine.tsx';
import { QrCode } from '../parts/QrCode.tsx';
import styles from './JoinCodeResult.module.css';

export function JoinCodeResult({ made, onClose }: { made: Result<typeof createJoinCode>; onClose: () => void }) {
  const { data: system } = useQuery(systemQuery);
  const { joinCode, code, payload } = made;
  return (
    <Modal opened onClose={onClose} title={joinCode.name} size="lg">
      <div className={styles.result}>
        <p>Note it or copy it now: it is not shown again.</p>
        <div className={styles.code}>
          <output aria-label="Join code">{code}</output>
          <QrCode text={payload} label={`QR code of the join code ${code}`} />
        </div>
        {system && (
          <>
            <section>
              <h3>On the gateway</h3>
              <CopyLine text={clientCommand(system.publicUrl, code)} />
            </section>
            <section>
              <h3>A Mender client, in /etc/mender/mender.conf</h3>
              <CopyBlock label="Lines for mender.conf" text={menderConfiguration(system.publicUrl, code)} />
            </section>
          </>
        )}
        <div className={styles.actions}>
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    </Modal>
  );
}
