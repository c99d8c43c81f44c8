import type { SoftwareDrift } from '@lovely/api';
import { Tooltip } from '@mantine/core';
import { GitCompareArrows } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

/** That a house does not run what it should; what that is, on hover and for readers. */
export function DriftChip({ drift }: { drift: readonly SoftwareDrift[] }) {
  const words = drift.map(driftText).join('; ');
  return (
    <Tooltip label={words} multiline maw={360}>
      <span>
        <Chip tone="warn" icon={GitCompareArrows}>
          drifts<span className="visually-hidden">: {words}</span>
        </Chip>
      </span>
    </Tooltip>
  );
}

/** E.g. "artifact_name should be 2.1 and is 2.0". */
export function driftText({ key, expected, actual }: SoftwareDrift): string {
  return `${key} should be ${expected} and ${actual === null ? 'is not there' : `is ${actual}`}`;
}
