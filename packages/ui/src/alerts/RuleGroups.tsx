import type { AlertGroup } from '@lovely/api';
import { Link } from '@tanstack/react-router';
import { Layers, type LucideIcon } from 'lucide-react';
import { count } from '../format/number.ts';
import { paths } from '../paths.ts';
import { ruleIcon } from './rule-icon.ts';
import styles from './RuleGroups.module.css';

interface RuleGroupsProps {
  readonly groups: readonly AlertGroup[];
  readonly state: 'open' | 'closed';
  readonly rule: string | undefined;
  /** The counts are of what has been loaded so far. */
  readonly isPartial: boolean;
}

/** The rules with their number of houses; one chosen shows only its alerts. */
export function RuleGroups({ groups, state, rule, isPartial }: RuleGroupsProps) {
  const stateInAddress = state === 'open' ? undefined : state;
  return (
    <nav className={styles.groups} aria-label="Rules">
      <Group icon={Layers} title="All rules" isOn={rule === undefined} link={paths.alerts({ state: stateInAddress })} />
      {groups.map((group) => (
        <Group
          key={group.rule}
          icon={ruleIcon(group.rule)}
          title={group.title}
          severity={group.severity}
          houses={`${count(group.devices)}${isPartial ? '+' : ''}`}
          detail={group.suggestion}
          isOn={rule === group.rule}
          link={paths.alerts({ state: stateInAddress, rule: group.rule })}
        />
      ))}
    </nav>
  );
}

function Group({
  icon: Icon,
  title,
  detail,
  houses,
  severity,
  isOn,
  link,
}: {
  icon: LucideIcon;
  title: string;
  detail?: string;
  houses?: string;
  severity?: AlertGroup['severity'];
  isOn: boolean;
  link: ReturnType<typeof paths.alerts>;
}) {
  return (
    <Link {...link} className={styles.group} data-on={isOn || undefined} data-severity={severity}>
      <span className={styles.icon}>
        <Icon size={16} strokeWidth={2} aria-hidden />
      </span>
      <span className={styles.text}>
        <b>{title}</b>
        {detail !== undefined && <small>{detail}</small>}
      </span>
      {houses !== undefined && <span className={styles.houses}>{houses}</span>}
    </Link>
  );
}
