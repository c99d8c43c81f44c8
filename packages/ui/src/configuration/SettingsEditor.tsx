/** All that can be set, in sections: what it is set to, from where, and whether the house has it. */
import type { ConfigurationEntry, ConfigurationFormField, ConfigurationValues } from '@lovely/api';
import { Button, Switch, TextInput } from '@mantine/core';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { Card } from '../parts/Card.tsx';
import { kindTitle } from '../sensors/sensor-text.ts';
import { blankValue, type Edits } from './edits.ts';
import type { Value } from './configuration-text.ts';
import { SettingRow } from './SettingRow.tsx';
import styles from './SettingsEditor.module.css';

export interface SettingsEditorProps {
  readonly fields: readonly ConfigurationFormField[];
  readonly takesUnknown: boolean;
  /** What is set here, without and with what is not applied yet. */
  readonly own: ConfigurationValues;
  readonly edits: Edits;
  readonly errors: ReadonlyMap<string, string>;
  /** Of a house: what is known of each key. */
  readonly entries?: readonly ConfigurationEntry[];
  /** "this house", "this group". */
  readonly here: string;
  readonly isReadOnly: boolean;
  readonly onEdit: (key: string, value: Value | null) => void;
}

interface Section {
  readonly title: string;
  readonly detail: string;
  readonly keys: string[];
}

export function SettingsEditor(props: SettingsEditorProps) {
  const { fields, takesUnknown, own, edits, errors, entries = [], here, isReadOnly, onEdit } = props;
  const byKey = new Map(fields.map((field) => [field.key, field]));
  const entryOf = new Map(entries.map((entry) => [entry.key, entry]));
  const keys = [...new Set([...byKey.keys(), ...entryOf.keys(), ...Object.keys(own), ...edits.keys()])];
  const add = (key: string): void => onEdit(key, blankValue(byKey.get(key)));
  const [words, setWords] = useState('');
  const [isSetOnly, setSetOnly] = useState(false);
  const isShown = (key: string): boolean => {
    const isSet = edits.has(key) || Object.hasOwn(own, key) || entryOf.get(key)?.desired != null;
    const text = `${key} ${byKey.get(key)?.title ?? ''} ${byKey.get(key)?.sensor?.name ?? ''}`.toLowerCase();
    return (isSet || !isSetOnly) && text.includes(words.trim().toLowerCase());
  };
  return (
    <div className={styles.sections}>
      <search className={styles.filters}>
        <TextInput
          aria-label="Find a setting"
          placeholder="Find a setting"
          leftSection={<Search size={15} aria-hidden />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Switch
          label="Only what is set"
          checked={isSetOnly}
          onChange={(event) => setSetOnly(event.currentTarget.checked)}
        />
      </search>
      {sectionsOf(keys.filter(isShown), byKey).map(({ title, detail, keys: ownKeys }) => (
        <Card key={title} title={title} aside={<span className={styles.detail}>{detail}</span>}>
          {ownKeys.length === 0 && <p className={styles.none}>{words === '' ? 'Nothing is set.' : 'Nothing found.'}</p>}
          <ul className={styles.rows}>
            {ownKeys.map((key) => {
              const edited = edits.get(key);
              const value = edited === undefined ? (own[key] ?? null) : edited;
              return (
                <SettingRow
                  key={key}
                  settingKey={key}
                  field={byKey.get(key)}
                  entry={entryOf.get(key)}
                  value={value}
                  isEdited={edits.has(key)}
                  error={errors.get(key)}
                  here={here}
                  isReadOnly={isReadOnly}
                  onEdit={(next) => onEdit(key, next)}
                  onSet={() => {
                    const inherited = entryOf.get(key)?.desired ?? null;
                    if (inherited === null) add(key);
                    else onEdit(key, inherited);
                  }}
                />
              );
            })}
          </ul>
          {title === GATEWAY && takesUnknown && !isReadOnly && <NewKey known={new Set(keys)} onAdd={add} />}
        </Card>
      ))}
    </div>
  );
}

const GATEWAY = 'Gateway';

/** The gateway first, then sensors, the client last: it is set least often. */
function sectionsOf(keys: readonly string[], fields: ReadonlyMap<string, ConfigurationFormField>): Section[] {
  const gateway: Section = { title: GATEWAY, detail: '', keys: [] };
  const client: Section = { title: 'Client on the gateway', detail: 'counts at once', keys: [] };
  const sensors = new Map<string, Section>();
  for (const key of keys) {
    const [, id] = /^sensor\/([^/]+)\/./.exec(key) ?? [];
    if (id === undefined) (key.startsWith('client/') ? client : gateway).keys.push(key);
    else {
      const sensor = fields.get(key)?.sensor;
      const known = sensors.get(id);
      const section = known ?? {
        title: sensor && sensor.name !== '' ? sensor.name : id,
        detail: sensor ? kindTitle(sensor.kind) : 'a sensor that is not there',
        keys: [],
      };
      section.keys.push(key);
      sensors.set(id, section);
    }
  }
  const isTwice = (title: string): boolean =>
    [...sensors.values()].filter((section) => section.title === title).length > 1;
  const named = [...sensors].map(([id, section]) =>
    isTwice(section.title) ? { ...section, title: `${section.title} (${id})` } : section,
  );
  return [gateway, ...named, client].filter((section) => section === gateway || section.keys.length > 0);
}

function NewKey({ known, onAdd }: { known: ReadonlySet<string>; onAdd: (key: string) => void }) {
  const [key, setKey] = useState('');
  const problem =
    key === '' || /^[A-Za-z0-9_.:/-]{1,128}$/.test(key) ? undefined : 'Letters, digits and . _ : / - make a key.';
  const isKnown = known.has(key);
  return (
    <form
      className={styles.add}
      onSubmit={(event) => {
        event.preventDefault();
        if (key === '' || problem !== undefined || isKnown) return;
        onAdd(key);
        setKey('');
      }}
    >
      <TextInput
        aria-label="Key of another setting"
        placeholder="another.setting"
        value={key}
        error={isKnown ? 'It is there already.' : problem}
        onChange={(event) => setKey(event.currentTarget.value.trim())}
      />
      <Button type="submit" variant="default" leftSection={<Plus size={14} />} disabled={key === ''}>
        Set it
      </Button>
    </form>
  );
}
