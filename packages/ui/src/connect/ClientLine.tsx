import { createJoinCode } from '@lovely/api';
import { Button } from '@mantine/core';
import { Ticket } from 'lucide-react';
import { request } from '../api.ts';
import { joinCodesQuery } from '../join-codes/join-code-queries.ts';
import { useMay } from '../may.ts';
import { CopyLine } from '../parts/CopyLine.tsx';
import { FormError } from '../parts/FormError.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import { useChange } from '../parts/use-change.ts';
import { clientCommand } from './command.ts';
import styles from './ConnectPage.module.css';

const CODE_MINUTES = 60;

/** The line that starts a gateway; who may make a join code can put one in, so that the gateway comes into this organisation. */
export function ClientLine({ server }: { server: string }) {
  const may = useMay();
  const make = useChange(
    () =>
      request(createJoinCode, {
        body: {
          name: 'Connect a home',
          expiresInMinutes: CODE_MINUTES,
          usesMax: 1,
          accept: false,
          groupId: null,
          tags: [],
        },
      }),
    { outdated: [joinCodesQuery.queryKey] },
  );
  const made = make.data;
  return (
    <>
      <CopyLine text={clientCommand(server, made?.code)} />
      <FormError error={make.error} />
      {may('tenant.write') && (
        <div className={styles.code}>
          {made ? (
            <>
              The join code leads into this organisation, once
              {made.joinCode.expiresAt !== null && (
                <>
                  , <RemainingTime time={made.joinCode.expiresAt} />
                </>
              )}
              .
            </>
          ) : (
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<Ticket size={15} />}
              loading={make.isPending}
              onClick={() => make.mutate(undefined)}
            >
              Put a join code in
            </Button>
          )}
        </div>
      )}
    </>
  );
}
