/** What happened to an alert, newest first, with room for what there is to say about it. */
import { commentAlert, type AlertDetail, type AlertEvent } from '@lovely/api';
import { Button, Textarea } from '@mantine/core';
import {
  AlarmClock,
  Bell,
  CircleCheck,
  Eye,
  Layers,
  Megaphone,
  MessageSquare,
  OctagonAlert,
  RotateCcw,
  UserRound,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useChange } from '../parts/use-change.ts';
import styles from './Timeline.module.css';
import { eventText } from './timeline-text.ts';

const ICONS: Readonly<Record<AlertEvent['kind'], LucideIcon>> = {
  opened: OctagonAlert,
  reopened: RotateCcw,
  raised: OctagonAlert,
  closed: CircleCheck,
  acknowledged: Eye,
  unacknowledged: Eye,
  assigned: UserRound,
  snoozed: AlarmClock,
  unsnoozed: AlarmClock,
  comment: MessageSquare,
  incident: Layers,
  'fix-run': Wrench,
  notified: Bell,
  escalated: Megaphone,
};

export function Timeline({ alert }: { alert: AlertDetail }) {
  const may = useMay();
  return (
    <Card title="What happened">
      {may('alert.write') && <CommentForm alertId={alert.id} />}
      <ol className={styles.timeline}>
        {alert.timeline.toReversed().map((event) => {
          const Icon = ICONS[event.kind];
          return (
            <li key={event.id} data-kind={event.kind}>
              <span className={styles.icon}>
                <Icon size={14} aria-hidden />
              </span>
              <div>
                <p>
                  {event.by && <b>{event.by.name}</b>} {event.kind === 'comment' ? 'wrote' : eventText(event)}
                  <small>
                    <RelativeTime time={event.at} />
                  </small>
                </p>
                {event.kind === 'comment' && <p className={styles.comment}>{event.text}</p>}
              </div>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

function CommentForm({ alertId }: { alertId: string }) {
  const [text, setText] = useState('');
  const write = useChange(() => request(commentAlert, { params: { id: alertId }, body: { text: text.trim() } }), {
    outdated: [keys.alerts],
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        write.mutate(undefined, { onSuccess: () => setText('') });
      }}
    >
      <Textarea
        aria-label="Comment"
        placeholder="What should others know?"
        autosize
        minRows={1}
        maxRows={8}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={text.trim() === ''} loading={write.isPending}>
        Comment
      </Button>
      <FormError error={write.error} />
    </form>
  );
}
