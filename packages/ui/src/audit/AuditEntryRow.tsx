import type { AuditEntry } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { ChevronRight, CircleCheck, CircleSlash } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { exactly } from '../format/time.ts';
import { Chip } from '../parts/Chip.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { ChangeTable } from './ChangeTable.tsx';
import styles from './AuditEntryRow.module.css';

/** One entry on a line; opened, it shows what changed and all that is known of it. */
export function AuditEntryRow({ entry }: { entry: AuditEntry }) {
  const [isOpen, setOpen] = useState(false);
  const isDone = entry.result === 'success';
  return (
    <li className={styles.entry}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <ChevronRight size={15} aria-hidden className={styles.chevron} />
          <span className={styles.who}>{entry.actor.name}</span>
          <span className={styles.what}>
            <code>{entry.action}</code> {entry.object.name ?? ''}
          </span>
          <span className={styles.result}>
            <Chip tone={isDone ? 'ok' : 'bad'} icon={isDone ? CircleCheck : CircleSlash}>
              {isDone ? 'Done' : entry.result}
            </Chip>
          </span>
          <span className={styles.when}>
            <RelativeTime time={entry.at} />
          </span>
        </summary>
        {isOpen && <EntryDetail entry={entry} />}
      </details>
    </li>
  );
}

function EntryDetail({ entry }: { entry: AuditEntry }) {
  const { actor, object, change, details } = entry;
  return (
    <div className={styles.detail}>
      {change && Object.keys(change).length > 0 && <ChangeTable change={change} />}
      <dl className={styles.facts}>
        <Fact name="When">{exactly(entry.at)}</Fact>
        <Fact name="Who">
          {actor.name} ({actor.type}
          {actor.tokenId !== undefined && ', with a token'})
        </Fact>
        <Fact name="On what">
          {object.type} <ObjectLink object={object} />
        </Fact>
        <Fact name="From">{entry.address === '' ? '—' : entry.address}</Fact>
        {Object.entries(details).map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === 'string' ? value : JSON.stringify(value)}
          </Fact>
        ))}
        <Fact name="Entry">
          {entry.position}
          <code className={styles.hash}>{entry.hash}</code>
        </Fact>
      </dl>
    </div>
  );
}

function ObjectLink({ object }: { object: AuditEntry['object'] }) {
  const name = object.name ?? object.id;
  switch (object.type) {
    case 'device':
      return <Link {...paths.device(object.id)}>{name}</Link>;
    case 'user':
      return <Link {...paths.person(object.id)}>{name}</Link>;
    case 'role':
      return <Link {...paths.role(object.id)}>{name}</Link>;
    case 'group':
      return <Link {...paths.group(object.id)}>{name}</Link>;
    default:
      return name;
  }
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
