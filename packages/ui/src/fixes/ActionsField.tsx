/** What a fix runs, one action after the other. */
import { FIX_ACTIONS_MAX, type FixAction } from '@lovely/api';
import { ActionIcon, Button, Menu, Switch, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus, ScrollText, SlidersHorizontal, SquareTerminal, Terminal, UploadCloud, X } from 'lucide-react';
import { DurationField } from '../parts/DurationField.tsx';
import { BLANK_ACTIONS } from './fix-draft.ts';
import styles from './ActionsField.module.css';
import { scriptHash } from './script-hash.ts';
import { ReleaseField } from './ReleaseField.tsx';
import { ValuesField } from './ValuesField.tsx';

const KINDS = {
  command: { title: 'Command', detail: 'One that the gateway knows', icon: Terminal },
  script: { title: 'Script', detail: 'Runs in its shell', icon: ScrollText },
  configuration: { title: 'Configuration', detail: 'Sets desired values', icon: SlidersHorizontal },
  terminal: { title: 'Terminal', detail: 'Opens one for a person', icon: SquareTerminal },
  update: { title: 'Software update', detail: 'Installs a release on the house', icon: UploadCloud },
} as const;

export function ActionsField({
  value,
  errorOf,
  isReadOnly,
  onChange,
}: {
  value: readonly FixAction[];
  errorOf: (path: string) => string | undefined;
  isReadOnly: boolean;
  onChange: (actions: FixAction[]) => void;
}) {
  return (
    <div className={styles.actions}>
      {value.length === 0 && <p className={styles.none}>Nothing: its steps are done by hand.</p>}
      {value.map((action, index) => {
        const { title, icon: Icon } = KINDS[action.kind];
        return (
          <section key={index} className={styles.action} aria-label={`Action ${index + 1}: ${title}`}>
            <header>
              <Icon size={16} aria-hidden />
              <h3>
                {index + 1}. {title}
              </h3>
              {!isReadOnly && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={`Remove action ${index + 1}`}
                  onClick={() => onChange(value.toSpliced(index, 1))}
                >
                  <X size={16} aria-hidden />
                </ActionIcon>
              )}
            </header>
            <ActionFields
              action={action}
              errorOf={(path) => errorOf(`${index}.${path}`)}
              isReadOnly={isReadOnly}
              onChange={(changed) => onChange(value.with(index, changed))}
            />
          </section>
        );
      })}
      {!isReadOnly && value.length < FIX_ACTIONS_MAX && (
        <Menu position="bottom-start" width={260}>
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<Plus size={14} />}>
              Add an action
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {(Object.keys(BLANK_ACTIONS) as (keyof typeof BLANK_ACTIONS)[]).map((kind) => (
              <KindItem key={kind} kind={kind} onClick={() => onChange([...value, BLANK_ACTIONS[kind]])} />
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}

function KindItem({ kind, onClick }: { kind: FixAction['kind']; onClick: () => void }) {
  const { title, detail, icon: Icon } = KINDS[kind];
  return (
    <Menu.Item leftSection={<Icon size={16} />} onClick={onClick}>
      {title}
      <span className={styles.detail}>{detail}</span>
    </Menu.Item>
  );
}

function ActionFields({
  action,
  errorOf,
  isReadOnly,
  onChange,
}: {
  action: FixAction;
  errorOf: (path: string) => string | undefined;
  isReadOnly: boolean;
  onChange: (action: FixAction) => void;
}) {
  switch (action.kind) {
    case 'command':
      return (
        <>
          <TextInput
            label="Command"
            description="By its name; gateways run only what their own policy allows."
            placeholder="restart-service"
            className={styles.mono ?? ''}
            value={action.name}
            error={errorOf('name')}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...action, name: event.currentTarget.value })}
          />
          <ValuesField
            label="With"
            description="{target}, {source} and other values of the alert, and what can be chosen below, are put in."
            value={action.parameters}
            error={errorOf('parameters')}
            isReadOnly={isReadOnly}
            onChange={(parameters) => onChange({ ...action, parameters })}
          />
          <Switch
            label="The sensor carries it out"
            description="For alerts of sensors: their program is told, not the gateway."
            checked={action.onSensor}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...action, onSensor: event.currentTarget.checked })}
          />
          <Timeout action={action} errorOf={errorOf} isReadOnly={isReadOnly} onChange={onChange} />
        </>
      );
    case 'script':
      return (
        <>
          <Textarea
            label="Script"
            description="For /bin/sh, as the user of the client. What can be chosen is in its environment: freeMb as PARAMETER_FREE_MB."
            autosize
            minRows={6}
            maxRows={24}
            spellCheck={false}
            className={styles.script ?? ''}
            value={action.content}
            error={errorOf('content')}
            disabled={isReadOnly}
            onChange={(event) => onChange({ ...action, content: event.currentTarget.value })}
          />
          <Hash content={action.content} />
          <Timeout action={action} errorOf={errorOf} isReadOnly={isReadOnly} onChange={onChange} />
        </>
      );
    case 'configuration':
      return (
        <ValuesField
          label="Set"
          value={action.values}
          error={errorOf('values')}
          isReadOnly={isReadOnly}
          onChange={(values) => onChange({ ...action, values })}
        />
      );
    case 'update':
      return (
        <ReleaseField
          value={action.artifact}
          error={errorOf('artifact')}
          isReadOnly={isReadOnly}
          onChange={(artifact) => onChange({ ...action, artifact })}
        />
      );
    case 'terminal':
      return <p className={styles.none}>A button opens a terminal to the house.</p>;
  }
}

function Timeout({
  action,
  errorOf,
  isReadOnly,
  onChange,
}: {
  action: Extract<FixAction, { timeoutMs: number }>;
  errorOf: (path: string) => string | undefined;
  isReadOnly: boolean;
  onChange: (action: FixAction) => void;
}) {
  return (
    <div className={styles.timeout}>
      <DurationField
        label="Given up after"
        value={action.timeoutMs}
        error={errorOf('timeoutMs')}
        isDisabled={isReadOnly}
        onChange={(timeoutMs) => onChange({ ...action, timeoutMs })}
      />
    </div>
  );
}

/** The fingerprint by which gateways know the script. */
function Hash({ content }: { content: string }) {
  const { data } = useQuery({
    queryKey: ['script-hash', content],
    queryFn: async () => (await scriptHash(content)) ?? '',
    staleTime: Infinity,
    gcTime: 0,
    enabled: content !== '',
  });
  if (content === '' || !data) return null;
  return (
    <p className={styles.hash}>
      SHA-256 <code>{data}</code>
    </p>
  );
}
