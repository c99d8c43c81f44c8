import { deletePasskey, updatePasskey, type Passkey } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { useChange } from '../parts/use-change.ts';
import { AddPasskey } from './AddPasskey.tsx';
import { NameDialog } from './NameDialog.tsx';
import { factorsQuery, passkeysQuery } from './queries.ts';
import styles from './Rows.module.css';

export function Passkeys() {
  const query = useQuery(passkeysQuery);
  const [isAdding, setAdding] = useState(false);
  const addButton = browserSupportsWebAuthn() && (
    <Button size="xs" variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={() => setAdding(true)}>
      Add a passkey
    </Button>
  );
  return (
    <>
      <ListCard
        title="Passkeys"
        aside={addButton}
        query={query}
        items={query.data?.items}
        empty={
          <p className={styles.empty}>
            A passkey is kept by your phone, computer or security key. There is nothing to remember, and nothing that
            somebody could trick you into telling.
          </p>
        }
      >
        {(passkeys) => (
          <ul className={styles.rows}>
            {passkeys.map((passkey) => (
              <PasskeyRow key={passkey.id} passkey={passkey} />
            ))}
          </ul>
        )}
      </ListCard>
      {isAdding && <AddPasskey onClose={() => setAdding(false)} />}
    </>
  );
}

function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const [open, setOpen] = useState<'rename' | 'remove'>();
  const close = (): void => setOpen(undefined);
  const params = { id: passkey.id };
  const rename = useChange((name: string) => request(updatePasskey, { params, body: { name } }), {
    outdated: [passkeysQuery.queryKey],
  });
  const remove = useChange(() => request(deletePasskey, { params }), {
    outdated: [passkeysQuery.queryKey, factorsQuery.queryKey, keys.me],
    done: `${passkey.name} is removed.`,
  });
  return (
    <li>
      <KeyRound size={18} aria-hidden />
      <div className={styles.what}>
        <b>{passkey.name}</b>
        <span>
          {passkey.isSynced ? 'On all your devices' : 'On one device'} · added <RelativeTime time={passkey.createdAt} />
        </span>
      </div>
      <span className={styles.when}>
        {passkey.lastUsedAt === null ? (
          'never used'
        ) : (
          <>
            used <RelativeTime time={passkey.lastUsedAt} />
          </>
        )}
      </span>
      <RowMenu label={`What to do with ${passkey.name}`}>
        <Menu.Item onClick={() => setOpen('rename')}>Rename…</Menu.Item>
        <Menu.Item color="red" onClick={() => setOpen('remove')}>
          Remove…
        </Menu.Item>
      </RowMenu>
      {open === 'rename' && (
        <NameDialog
          title="Rename the passkey"
          submitLabel="Rename"
          name={passkey.name}
          change={rename}
          onName={(name) => rename.mutate(name, { onSuccess: close })}
          onClose={close}
        />
      )}
      {open === 'remove' && (
        <ConfirmDialog
          title={`Remove ${passkey.name}?`}
          submitLabel="Remove"
          change={remove}
          onConfirm={() => remove.mutate(undefined, { onSuccess: close })}
          onClose={close}
        >
          It signs nobody in any more. Delete it in your device’s passwords, too, so that it isn’t offered.
        </ConfirmDialog>
      )}
    </li>
  );
}
