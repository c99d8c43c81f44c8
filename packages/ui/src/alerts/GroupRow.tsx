import { Checkbox } from '@mantine/core';
import { Link, type LinkProps } from '@tanstack/react-router';
import { createElement } from 'react';
import { shortCount } from '../format/number.ts';
import styles from './GroupRow.module.css';
import type { InboxGroup } from './inbox-groups.ts';
import { ruleIcon } from './rule-icon.ts';

/** One row of the inbox: a cause, how many houses have it, and whether it grows. */
export function GroupRow({
  group,
  link,
  isChosen,
  isTicked,
  onTick,
}: {
  group: InboxGroup;
  link: Pick<LinkProps, 'to' | 'search'>;
  isChosen: boolean;
  isTicked: boolean;
  onTick: () => void;
}) {
  return (
    <div className={styles.row} data-severity={group.severity} data-on={isChosen || undefined}>
      <Checkbox
        size="xs"
        className={styles.tick ?? ''}
        aria-label={`Tick ${group.title}`}
        checked={isTicked}
        onChange={onTick}
      />
      <span className={styles.icon} data-ticked={isTicked || undefined}>
        {createElement(ruleIcon(group.rule), { size: 17, strokeWidth: 2, 'aria-hidden': true })}
      </span>
      <span className={styles.text}>
        <Link {...link} className={styles.link} data-group={group.id} aria-current={isChosen ? 'true' : undefined}>
          {group.title}
        </Link>
        <small>{group.detail}</small>
      </span>
      <span className={styles.count}>
        <b>{shortCount(group.count)}</b>
        {group.lastHour > 0 && <small title="Came within the last hour">+{shortCount(group.lastHour)} in 1 h</small>}
      </span>
    </div>
  );
}
