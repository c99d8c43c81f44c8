import { TextInput } from '@mantine/core';
import { bytes, count, plural } from '../format/number.ts';
import { exactly } from '../format/time.ts';
import { Facts, type Fact } from '../parts/Facts.tsx';
import { mustType, nameProblem } from './draft-check.ts';
import { targetOf, type Draft } from './draft.ts';
import { DryRun, type Preview } from './DryRun.tsx';
import { optionFacts } from './option-facts.ts';
import { PhasesField } from './PhasesField.tsx';
import styles from './ReviewStep.module.css';
import { TargetText } from './TargetText.tsx';

/** Everything once more in words, its name, and for many houses the number of them to type. */
export function ReviewStep({
  draft,
  name,
  preview,
  typed,
  onType,
  onChange,
}: {
  draft: Draft;
  /** What it is called now. */
  name: string;
  preview: Preview | undefined;
  typed: string;
  onType: (typed: string) => void;
  onChange: (part: Partial<Draft>) => void;
}) {
  const { options } = draft;
  const target = targetOf(draft);
  const facts: Fact[] = [
    { name: 'Software', value: draft.artifactName },
    { name: 'Houses', value: target && <TargetText target={target} /> },
    { name: 'Begins', value: options.startAt === null ? 'at once' : exactly(options.startAt) },
    ...optionFacts(options),
  ];
  return (
    <div className={styles.step}>
      <TextInput
        label="Name"
        description="So that people find it again."
        placeholder={name}
        error={nameProblem(draft.name)}
        value={draft.name ?? ''}
        onChange={(event) =>
          onChange({ name: event.currentTarget.value === '' ? undefined : event.currentTarget.value })
        }
      />
      {preview && <DryRun preview={preview} isOld={false} />}
      {preview && preview.compatible.houses > 0 && preview.artifacts.length > 0 && (
        <ul className={styles.artifacts} aria-label="Artifacts that it hands out">
          {preview.artifacts.map((artifact) => (
            <li key={artifact.id}>
              {artifact.deviceTypes.join(', ')}: {plural(artifact.houses, 'house')}, {bytes(artifact.bytes)} each
            </li>
          ))}
        </ul>
      )}
      {preview && options.phases.length > 0 && preview.phases.length === options.phases.length && (
        <PhasesField phases={options.phases} ends={preview.phases.map(({ end }) => end)} />
      )}
      <Facts facts={facts} />
      {mustType(preview?.houses) && (
        <TextInput
          label={`Type ${preview?.houses ?? 0} to confirm`}
          description={`It is for ${count(preview?.houses ?? 0)} houses.`}
          autoComplete="off"
          inputMode="numeric"
          value={typed}
          onChange={(event) => onType(event.currentTarget.value)}
        />
      )}
    </div>
  );
}
