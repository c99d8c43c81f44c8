/** Who would get the software and who would not, before anything happens. */
import type { previewDeployment, Result } from '@lovely/api';
import { bytes, count, plural } from '../format/number.ts';
import { StackedBar, type BarPart } from '../parts/StackedBar.tsx';
import styles from './DryRun.module.css';

export type Preview = Result<typeof previewDeployment>;
type Class = Preview['compatible'];

export function DryRun({ preview, isOld }: { preview: Preview; isOld: boolean }) {
  const { houses, compatible, alreadyInstalled, noArtifact, unknown, offline, busy } = preview;
  const parts: BarPart[] = [
    { key: 'compatible', label: 'get it', amount: compatible.houses, tone: 'ok' },
    { key: 'unknown', label: 'not heard of yet', amount: unknown.houses, tone: 'busy', shade: 'light' },
    { key: 'installed', label: 'have it already', amount: alreadyInstalled.houses, tone: 'ok', shade: 'light' },
    { key: 'none', label: 'nothing fits', amount: noArtifact.houses, tone: 'warn', shade: 'striped' },
  ];
  return (
    <section className={styles.dryRun} aria-label="Dry run" data-old={isOld || undefined}>
      <output className={styles.houses}>
        <b>{count(houses)}</b> {houses === 1 ? 'house' : 'houses'}
        {compatible.houses > 0 && <span>{bytes(preview.bytes)} to download altogether</span>}
      </output>
      {houses > 0 && <StackedBar parts={parts} />}
      <ul className={styles.notes}>
        <Note
          of={offline}
          text={(many) => `${many} of those that get it ${isOrAre(offline)} away: it begins when they are back.`}
        />
        <Note of={busy} text={(many) => `${many} of them ${isOrAre(busy)} in another deployment first.`} />
        <Note
          of={noArtifact}
          text={(many) => `For ${many}, this release has no artifact that fits, or needs other software first.`}
        />
        <Note
          of={unknown}
          text={(many) => `What runs on ${many} is not known; it shows when they are next heard of.`}
        />
      </ul>
    </section>
  );
}

/** One sentence about some of the houses, with the names of a few. */
function Note({ of, text }: { of: Class; text: (many: string) => string }) {
  if (of.houses === 0) return null;
  const more = of.houses - of.sample.length;
  return (
    <li>
      {text(plural(of.houses, 'house'))}
      {of.sample.length > 0 && (
        <small>
          {of.sample.map(({ name }) => name).join(', ')}
          {more > 0 && ` and ${count(more)} more`}
        </small>
      )}
    </li>
  );
}

function isOrAre({ houses }: Class): string {
  return houses === 1 ? 'is' : 'are';
}
