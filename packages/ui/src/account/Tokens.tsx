/** Personal access tokens: what programs sign in with. */
import { deleteToken, type Token } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CalendarX2, Plus, SquareCode } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { plural } from '../format/number.ts';
import { useNowText } from '../format/use-now.ts';
import { toMs } from '../format/time.ts';
import { Chip } from '../parts/Chip.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { useChange } from '../parts/use-change.ts';
import { NewToken } from './NewToken.tsx';
import { tokensQuery } from './queries.ts';
import styles from './Rows.module.css';

export function Tokens() {
  const query = useQuery(tokensQuery);
  const [isMaking, setMaking] = useState(false);
  return (
    <>
      <ListCard
        title="Access tokens"
        aside={
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => setMaking(true)}
          >
            New token
          </Button>
        }
        query={query}
        items={query.data?.items}
        empty={
          <p className={styles.empty}>A token lets a program act for you, with no more permissions than you give it.</p>
        }
      >
        {(tokens) => (
          <ul className={styles.rows}>
            {tokens.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </ul>
        )}
      </ListCard>
      {isMaking && <NewToken onClose={() => setMaking(false)} />}
    </>
  );
}

function TokenRow({ token }: { token: Token }) {
  const [isAsking, setAsking] = useState(false);
  const isOver = useNowText((now) => (toMs(token.expiresAt) <= now ? 'over' : '')) !== '';
  const remove = useChange(() => request(deleteToken, { params: { id: token.id } }), {
    outdated: [tokensQuery.queryKey],
    done: `${token.name} is deleted.`,
  });
  return (
    <li>
      <SquareCode size={18} aria-hidden />
      <div className={styles.what}>
        <b>{token.name}</b>
        <span>
          {plural(token.permissions.length, 'permission')} ·{' '}
          {token.lastUsedAt === null ? (
            'never used'
          ) : (
            <>
              used <RelativeTime time={token.lastUsedAt} />
            </>
          )}
        </span>
      </div>
      <span className={styles.when}>
        {isOver ? (
          <Chip tone="offline" icon={CalendarX2}>
            Expired
          </Chip>
        ) : (
          <RemainingTime time={token.expiresAt} />
        )}
      </span>
      <RowMenu label={`What to do with ${token.name}`}>
        <Menu.Item color="red" onClick={() => setAsking(true)}>
          Delete…
        </Menu.Item>
      </RowMenu>
      {isAsking && (
        <ConfirmDialog
          title={`Delete ${token.name}?`}
          submitLabel="Delete"
          change={remove}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        >
          Whatever uses it is refused from this moment on.
        </ConfirmDialog>
      )}
    </li>
  );
}
