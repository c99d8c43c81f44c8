/** Open problems by their cause, with how many houses have each. A click lists those houses. */
import type { AlertGroup } from '@lovely/api';
import { UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronUp, CircleCheckBig, MapPinOff, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { fleetQuery } from '../api.ts';
import { ruleIcon } from '../alerts/rule-icon.ts';
import { count, plural } from '../format/number.ts';
import { paths } from '../paths.ts';
import { needAttention, type FleetCounts } from './fleet.ts';
import styles from './NeedsAttention.module.css';

const GROUPS_MAX = 6;

export function NeedsAttention({ fleet, isPhone }: { fleet: FleetCounts; isPhone: boolean }) {
  const { data } = useQuery(fleetQuery);
  const [isOpen, setOpen] = useState(false);
  const groups = data?.groups ?? [];
  const attention = needAttention(fleet);
  const title = (
    <>
      <h2>Needs attention</h2>
      <b data-none={attention === 0 || undefined}>{count(attention)}</b>
    </>
  );
  return (
    <section className={styles.groups} aria-label="Needs attention" data-open={isOpen || undefined}>
      {isPhone ? (
        <UnstyledButton className={styles.title} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {title}
          <ChevronUp size={17} aria-hidden />
        </UnstyledButton>
      ) : (
        <div className={styles.title}>{title}</div>
      )}
      {(!isPhone || isOpen) && (
        <>
          {data && groups.length === 0 && (
            <p className={styles.fine}>
              <CircleCheckBig size={16} aria-hidden /> No open problem.
            </p>
          )}
          {groups.slice(0, GROUPS_MAX).map((group) => (
            <Group key={group.rule} icon={ruleIcon(group.rule)} group={group} />
          ))}
          {groups.length > GROUPS_MAX && (
            <Link {...paths.alerts()} className={styles.more}>
              {plural(groups.length - GROUPS_MAX, 'more problem')}
            </Link>
          )}
          {data && data.unplaced > 0 && <Unplaced houses={data.unplaced} />}
        </>
      )}
    </section>
  );
}

function Group({ icon: Icon, group }: { icon: LucideIcon; group: AlertGroup }) {
  return (
    <Link {...paths.devices({ rule: group.rule })} className={styles.group} data-severity={group.severity}>
      <span className={styles.icon}>
        <Icon size={16} strokeWidth={2} aria-hidden />
      </span>
      <span className={styles.text}>
        <b>{group.title}</b>
        <small>{group.suggestion}</small>
      </span>
      <span className={styles.count}>{count(group.devices)}</span>
    </Link>
  );
}

function Unplaced({ houses }: { houses: number }) {
  return (
    <Link {...paths.devices({ status: 'accepted' })} className={styles.unplaced}>
      <MapPinOff size={15} aria-hidden />
      {houses === 1 ? '1 house has no place yet' : `${count(houses)} houses have no place yet`}
    </Link>
  );
}
