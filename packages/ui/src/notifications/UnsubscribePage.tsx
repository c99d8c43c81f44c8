/** What the link at the end of a mail opens: no more of these. It takes a click, as mail programs open links by themselves. */
import { stopNotifications } from '@lovely/api';
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { BellOff } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { LinkState } from '../invite/LinkState.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { codeFromHash } from '../setup/code-from-hash.ts';
import { EntryFrame } from '../shell/EntryFrame.tsx';

const TITLE = 'No more mail about alerts';

export function UnsubscribePage() {
  const [code] = useState(() => codeFromHash(location.hash));
  const stop = useMutation({ mutationFn: () => request(stopNotifications, { body: { code } }) });
  if (code === '' || stop.isError)
    return (
      <LinkState
        title={TITLE}
        query={{ error: stop.error, refetch: () => stop.mutate() }}
        isEmpty={code === ''}
        advice="Open the link of a newer mail. Who has an account can turn these mails off there, too."
      />
    );
  if (stop.data)
    return (
      <EntryFrame title={TITLE}>
        <EmptyState
          icon={BellOff}
          tone="ok"
          title="You are told no more"
          detail={`No mail goes to ${stop.data.address} any more, except what your organisation has you told as a user.`}
        />
      </EntryFrame>
    );
  return (
    <EntryFrame title={TITLE} detail="Alerts go on as before; only the mails to you stop.">
      <Button size="md" fullWidth loading={stop.isPending} onClick={() => stop.mutate()}>
        Stop these mails
      </Button>
    </EntryFrame>
  );
}
