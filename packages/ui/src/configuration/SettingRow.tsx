import type { ConfigurationEntry, ConfigurationFormField } from '@lovely/api';
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Check, CircleDashed, Pencil, TriangleAlert, X } from 'lucide-react';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { paths } from '../paths.ts';
import { valueText, type Value } from './configuration-text.ts';
import { FieldInput } from './FieldInput.tsx';
import styles from './SettingRow.module.css';

/** One setting: its name, its value or the way to set it, where it comes from, and what the house has. */
export function SettingRow({
  settingKey,
  field,
  entry,
  value,
  isEdited,
  error,
  here,
  isReadOnly,
  onEdit,
  onSet,
}: {
  settingKey: string;
  field: ConfigurationFormField | undefined;
  entry: ConfigurationEntry | undefined;
  /** Set here; null: it is not. */
  value: Value | null;
  isEdited: boolean;
  error: string | undefined;
  here: string;
  isReadOnly: boolean;
  onEdit: (value: Value | null) => void;
  onSet: () => void;
}) {
  const title = field?.title ?? settingKey.replace(/^sensor\/[^/]+\//, '').replace(/^client\//, '');
  const inherited = value === null && entry?.origin === 'group' ? entry.desired : null;
  return (
    <li className={styles.row} data-edited={isEdited || undefined}>
      <div className={styles.name}>
        <b>{title}</b>
        {field && <code>{settingKey}</code>}
        {field && field.description !== '' && <p>{field.description}</p>}
        {field?.needsRestart && <p>Counts after the next restart.</p>}
      </div>
      <div className={styles.value}>
        {value === null || isReadOnly ? (
          <>
            <Shown value={value ?? inherited} field={field} />
            {!isReadOnly && (
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={<Pencil size={13} />}
                aria-label={`Set ${title} for ${here}`}
                onClick={onSet}
              >
                Set
              </Button>
            )}
          </>
        ) : (
          <>
            <FieldInput label={title} field={field} value={value} error={error} onChange={onEdit} />
            <Tooltip label={`Not for ${here}`}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label={`Do not set ${title} for ${here}`}
                onClick={() => onEdit(null)}
              >
                <X size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </>
        )}
        {(value === null || isReadOnly) && (error ?? entry?.error) && (
          <p className={styles.error}>{error ?? entry?.error}</p>
        )}
      </div>
      <div className={styles.facts}>
        <Origin entry={entry} isHere={value !== null} isEdited={isEdited} here={here} />
        {entry && !isEdited && <Reported entry={entry} field={field} />}
      </div>
    </li>
  );
}

function Shown({ value, field }: { value: Value | null; field: ConfigurationFormField | undefined }) {
  if (value !== null) return <span className={styles.shown}>{valueText(value, field)}</span>;
  return (
    <span className={styles.default}>
      {field?.default == null ? 'not set' : `${valueText(field.default, field)} (default)`}
    </span>
  );
}

function Origin({
  entry,
  isHere,
  isEdited,
  here,
}: {
  entry: ConfigurationEntry | undefined;
  isHere: boolean;
  isEdited: boolean;
  here: string;
}) {
  if (isEdited) return <span className={styles.pending}>not applied yet</span>;
  const overridden = entry?.overridden[0];
  return (
    <>
      {isHere && <span>set for {here}</span>}
      {!isHere && entry?.origin === 'group' && (
        <span>
          from{' '}
          {entry.group ? (
            <Link {...paths.group(entry.group.groupId, 'configuration')}>{entry.group.groupName}</Link>
          ) : (
            'a group'
          )}
        </span>
      )}
      {entry?.since && (
        <span className={styles.since}>
          <RelativeTime time={entry.since} />
        </span>
      )}
      {overridden && (
        <span className={styles.since}>
          instead of {valueText(overridden.value)} of{' '}
          <Link {...paths.group(overridden.groupId, 'configuration')}>{overridden.groupName}</Link>
        </span>
      )}
    </>
  );
}

function Reported({ entry, field }: { entry: ConfigurationEntry; field: ConfigurationFormField | undefined }) {
  const { state, desired, reported, reportedSince } = entry;
  if (desired === null && reported === null) return null;
  const since = reportedSince === null ? '' : ` since ${new Date(reportedSince).toLocaleString()}`;
  if (state === 'same')
    return (
      <span className={styles.has} data-state="same" title={`The house has it${since}`}>
        <Check size={13} aria-hidden /> the house has it
      </span>
    );
  if (state === 'missing')
    return (
      <span className={styles.has} data-state="missing">
        <CircleDashed size={13} aria-hidden /> the house does not have it
      </span>
    );
  return (
    <span className={styles.has} data-state="differs" title={`It has this${since}`}>
      <TriangleAlert size={13} aria-hidden /> the house has {reported === null ? 'none' : valueText(reported, field)}
    </span>
  );
}
