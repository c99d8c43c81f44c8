/** What a group sets on its houses, how far it has come to them, and what was before. */
import {
  putGroupConfiguration,
  revertGroupConfiguration,
  type Group,
  type GroupConfiguration as Configured,
} from '@lovely/api';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { meQuery, keys, requestVersion } from '../api.ts';
import { count, plural } from '../format/number.ts';
import { GROUPS_KEY } from '../groups/group-queries.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { PercentBar } from '../parts/PercentBar.tsx';
import { StackedBar } from '../parts/StackedBar.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { ApplyBar, type Application } from './ApplyBar.tsx';
import {
  groupConfigurationFormQuery,
  groupConfigurationQuery,
  groupConfigurationVersionsQuery,
} from './configuration-queries.ts';
import { fieldsByKey } from './configuration-text.ts';
import { partsOf } from './count-parts.ts';
import { checkEdits, edit, NO_EDITS, serverErrors, withEdits } from './edits.ts';
import { SettingsEditor } from './SettingsEditor.tsx';
import styles from './ConfigurationTab.module.css';
import { VersionsCard, type Version } from './VersionsCard.tsx';

export function GroupConfiguration({ group }: { group: Group }) {
  const query = useQuery(groupConfigurationQuery(group.id));
  const { data: me } = useQuery(meQuery);
  if (query.isPending) return <Waiting rows={5} rowHeight={70} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  // Whoever sets something on all houses of a group must be allowed to on all of them.
  const scope = me?.permissions['configuration.write'];
  const mayWrite = scope === 'all' || (scope !== undefined && scope.includes(group.id));
  const parts = { group, configured: query.data, mayWrite };
  return (
    <div className={styles.page}>
      <Reach {...parts} />
      <Editor {...parts} />
      <Versions {...parts} />
    </div>
  );
}

interface PartProps {
  readonly group: Group;
  readonly configured: Configured;
  readonly mayWrite: boolean;
}

function Reach({ group, configured: { counts, progress } }: PartProps) {
  const behind = counts.waiting + counts.confirming + counts.reverted + counts.failed + counts.differs;
  return (
    <Card
      title="Houses"
      aside={
        behind > 0 && (
          <Link {...paths.configurations({ state: 'behind', group: group.id })}>{plural(behind, 'house')} behind</Link>
        )
      }
    >
      <div className={styles.how}>
        {progress && (
          <div aria-live="polite">
            <p>
              The last change is on its way: {count(progress.done)} of {plural(progress.total, 'house')} looked at,{' '}
              {count(progress.changed)} to be set to something else.
            </p>
            <PercentBar
              label="Brought to houses"
              percent={progress.total === 0 ? 100 : Math.floor((100 * progress.done) / progress.total)}
            />
          </div>
        )}
        <StackedBar parts={partsOf(counts)} />
        {behind + counts.current === 0 && <p>Nothing is set on houses of this group yet.</p>}
      </div>
    </Card>
  );
}

function Editor({ group: { id, name }, configured, mayWrite }: PartProps) {
  const form = useQuery(groupConfigurationFormQuery(id));
  const [edits, setEdits] = useState(NO_EDITS);
  const [edited, setPriority] = useState<number>();
  const { values: own, version } = configured;
  const priority = edited ?? configured.priority;
  const next = withEdits(own, edits);
  const save = useChange(
    ({ confirmMs, note }: Application) =>
      requestVersion(
        putGroupConfiguration,
        { params: { id }, body: { values: next, priority, confirmMs, note } },
        version,
      ),
    { outdated: [GROUPS_KEY, keys.configurations], done: `It is on its way to the houses of ${name}.` },
  );
  if (form.isPending) return <Waiting rows={4} />;
  if (!form.data) return <ErrorState error={form.error} onRetry={() => void form.refetch()} />;
  const { fields, takesUnknown } = form.data;
  const byKey = fieldsByKey(fields);
  const wrong = checkEdits(edits, byKey);
  const isOrder = Number.isInteger(priority) && priority >= 0 && priority <= 1000;
  const reset = (): void => {
    setEdits(NO_EDITS);
    setPriority(undefined);
    save.reset();
  };
  return (
    <>
      <Card title="Order">
        <div className={styles.order}>
          <NumberField
            label="Strength"
            value={priority}
            min={0}
            max={1000}
            isWhole
            error={isOrder ? undefined : 'From 0 to 1000.'}
            isDisabled={!mayWrite}
            onChange={setPriority}
          />
          <p>
            Where two groups of a house say something else, the higher number wins; of equal ones, the first by name.
            What is set for the house itself wins over all groups.
          </p>
        </div>
      </Card>
      <SettingsEditor
        fields={fields}
        takesUnknown={takesUnknown}
        own={own}
        edits={edits}
        errors={new Map([...serverErrors(save.error), ...wrong])}
        here="this group"
        isReadOnly={!mayWrite}
        onEdit={(key, value) => {
          save.reset();
          setEdits((before) => edit(before, own, key, value));
        }}
      />
      <ApplyBar
        own={own}
        next={next}
        fields={byKey}
        extra={priority === configured.priority ? 0 : 1}
        isGood={wrong.size === 0 && isOrder}
        title={`Apply to the houses of ${name}?`}
        change={save}
        onApply={(how, done) =>
          save.mutate(how, {
            onSuccess: () => {
              done();
              reset();
            },
            // What is wrong with values stands at their fields.
            onError: (error) => serverErrors(error).size > 0 && done(),
          })
        }
        onDiscard={reset}
      />
    </>
  );
}

function Versions({ group: { id }, configured, mayWrite }: PartProps) {
  const query = useInfiniteQuery(groupConfigurationVersionsQuery(id));
  const { data: form } = useQuery(groupConfigurationFormQuery(id));
  const bring = useChange(
    ({ version, how }: { version: Version; how: Application }) =>
      requestVersion(
        revertGroupConfiguration,
        { params: { id }, body: { version: version.version, confirmMs: how.confirmMs } },
        configured.version,
      ),
    { outdated: [GROUPS_KEY], done: (_, { version }) => `Version ${version.version} is back.` },
  );
  return (
    <VersionsCard
      query={query}
      versions={query.data?.pages.flatMap(({ items }) => items)}
      current={configured.version}
      fields={fieldsByKey(form?.fields)}
      mayWrite={mayWrite}
      change={bring}
      onBring={(version, how, done) => bring.mutate({ version, how }, { onSuccess: done })}
    />
  );
}
