/** All that a deployment will be, in sight while it is written. */
import type { ReactNode } from 'react';
import { bytes, count, plural } from '../format/number.ts';
import { exactly } from '../format/time.ts';
import { GroupName } from '../groups/GroupName.tsx';
import { filterText } from '../groups/filter-draft.ts';
import { Card } from '../parts/Card.tsx';
import type { Draft } from './draft.ts';
import { targetOf } from './draft.ts';
import styles from './DraftSummary.module.css';
import type { Preview } from './DryRun.tsx';
import { betweenText, gateTexts, phasesText, windowText } from './options-text.ts';

export function DraftSummary({ draft, preview }: { draft: Draft; preview: Preview | undefined }) {
  const { artifactName, options } = draft;
  const hasTarget = targetOf(draft) !== undefined;
  const waits = options.phases.map(betweenText).find((text) => text !== '');
  return (
    <aside className={styles.summary} aria-label="The deployment so far">
      <Card title="So far">
        <dl className={styles.facts}>
          <Fact name="Software">{artifactName ?? <i>not chosen yet</i>}</Fact>
          <Fact name="Houses">
            {hasTarget ? <Target draft={draft} /> : <i>not chosen yet</i>}
            {hasTarget && preview && (
              <>
                <b className={styles.count}>{plural(preview.houses, 'house')}</b>
                <small>
                  {count(preview.compatible.houses)} get it, {bytes(preview.bytes)} altogether
                  {preview.offline.houses > 0 && `; ${count(preview.offline.houses)} away now`}
                </small>
              </>
            )}
          </Fact>
          <Fact name="Phases">
            {phasesText(options.phases)}
            {waits !== undefined && <small>{waits}</small>}
          </Fact>
          <Fact name="Pauses by itself when">
            {options.gates === null ? (
              'never'
            ) : (
              <ul>
                {gateTexts(options.gates).map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            )}
          </Fact>
          <Fact name="Begins">
            {options.startAt === null ? 'at once' : exactly(options.startAt)}
            {options.window && <small>{windowText(options.window)}</small>}
          </Fact>
        </dl>
      </Card>
    </aside>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Target({ draft }: { draft: Draft }) {
  const target = targetOf(draft);
  switch (target?.kind) {
    case 'all':
      return <small>all of them</small>;
    case 'group':
      return (
        <small>
          the group <GroupName id={target.groupId} />
        </small>
      );
    case 'filter':
      return <small>where {filterText(target.filter)}</small>;
    case 'devices':
      return <small>chosen one by one</small>;
    case undefined:
      return null;
  }
}
