/** What can be done with an alert, all of a rule, or an incident: see to it, hand it on, leave it aside, close it. */
import type { AlertState } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { AlarmClock, AlarmClockOff, Check, CircleCheckBig, RotateCcw, UserRound, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { meQuery } from '../api.ts';
import { exactly } from '../format/time.ts';
import { useMay } from '../may.ts';
import { useAct, type Which } from './act.ts';
import styles from './AlertActions.module.css';
import { assigneesQuery } from './alert-queries.ts';
import { snoozeTimes } from './snooze-times.ts';

export function AlertActions({
  which,
  state,
  canReopen = false,
  sampleId,
  onResolved,
}: {
  which: readonly Which[];
  /** That of all of them; `active` where it differs. */
  state: AlertState | 'active';
  /** Closed by a person, so that it can be taken back. */
  canReopen?: boolean;
  /** One of the alerts, which says who can look after them; nobody can be chosen without. */
  sampleId: string | undefined;
  onResolved?: () => void;
}) {
  const may = useMay();
  const act = useAct();
  if (!may('alert.write')) return null;
  if (state === 'closed')
    return (
      canReopen && (
        <div className={styles.actions}>
          <Button
            variant="default"
            size="xs"
            leftSection={<RotateCcw size={15} />}
            onClick={() => act.mutate({ which, action: { kind: 'reopen' } })}
          >
            Open it again
          </Button>
        </div>
      )
    );
  return (
    <div className={styles.actions} role="toolbar" aria-label="What to do with it">
      {state !== 'acknowledged' && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Check size={15} />}
          onClick={() => act.mutate({ which, action: { kind: 'acknowledge' } })}
        >
          Acknowledge
        </Button>
      )}
      {sampleId !== undefined && (
        <AssignMenu
          sampleId={sampleId}
          onAssign={(userId) => act.mutate({ which, action: { kind: 'assign', userId } })}
        />
      )}
      {state === 'snoozed' ? (
        <Button
          variant="default"
          size="xs"
          leftSection={<AlarmClockOff size={15} />}
          onClick={() => act.mutate({ which, action: { kind: 'unsnooze' } })}
        >
          End the snooze
        </Button>
      ) : (
        <SnoozeMenu
          onSnooze={(until) => act.mutate({ which, action: { kind: 'snooze', until: until.toISOString() } })}
        />
      )}
      <Button
        variant="default"
        size="xs"
        leftSection={<CircleCheckBig size={15} />}
        onClick={() =>
          act.mutate(
            { which, action: { kind: 'resolve', reason: '' } },
            onResolved === undefined ? {} : { onSuccess: onResolved },
          )
        }
      >
        Resolve
      </Button>
    </div>
  );
}

function SnoozeMenu({ onSnooze }: { onSnooze: (until: Date) => void }) {
  const [openedAt, setOpenedAt] = useState(() => new Date());
  return (
    <Menu position="bottom-start" onOpen={() => setOpenedAt(new Date())}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<AlarmClock size={15} />}>
          Snooze
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {snoozeTimes(openedAt).map(({ label, until }) => (
          <Menu.Item key={label} title={exactly(until.getTime())} onClick={() => onSnooze(until)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function AssignMenu({ sampleId, onAssign }: { sampleId: string; onAssign: (userId: string | null) => void }) {
  const [isOpen, setOpen] = useState(false);
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery({ ...assigneesQuery(sampleId), enabled: isOpen });
  const others = data?.items.filter(({ id }) => id !== me?.id) ?? [];
  return (
    <Menu position="bottom-start" onChange={setOpen}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<UserRound size={15} />}>
          Assign
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={styles.people ?? ''}>
        {me && <Menu.Item onClick={() => onAssign(me.id)}>To me</Menu.Item>}
        {others.map(({ id, name }) => (
          <Menu.Item key={id} onClick={() => onAssign(id)}>
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<UserRoundX size={15} />} onClick={() => onAssign(null)}>
          Nobody
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
