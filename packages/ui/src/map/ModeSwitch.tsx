/** How the houses are shown: as lights, as counted clusters, and as a list beside them. */
import { UnstyledButton } from '@mantine/core';
import { List } from 'lucide-react';
import type { MapMode } from './map-search.ts';
import styles from './ModeSwitch.module.css';

const LABELS: Record<MapMode, string> = { lights: 'Lights', clusters: 'Clusters' };

interface ModeSwitchProps {
  readonly mode: MapMode;
  readonly onMode: (mode: MapMode) => void;
  readonly isListOpen: boolean;
  readonly onList: (isOpen: boolean) => void;
}

export function ModeSwitch({ mode, onMode, isListOpen, onList }: ModeSwitchProps) {
  return (
    <div className={styles.bar}>
      <UnstyledButton
        className={styles.list}
        aria-pressed={isListOpen}
        aria-label="List of houses in view"
        title="List of houses in view"
        onClick={() => onList(!isListOpen)}
      >
        <List size={17} aria-hidden />
      </UnstyledButton>
      <fieldset className={styles.modes} aria-label="Show houses as">
        {(['lights', 'clusters'] as const).map((each) => (
          <UnstyledButton key={each} aria-pressed={each === mode} onClick={() => onMode(each)}>
            {LABELS[each]}
          </UnstyledButton>
        ))}
      </fieldset>
    </div>
  );
}
