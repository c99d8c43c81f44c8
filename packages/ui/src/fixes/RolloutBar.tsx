import type { FixRollout } from '@lovely/api';
import { StackedBar } from '../parts/StackedBar.tsx';
import { partsOf } from './rollout-text.ts';

/** The houses of a rollout as one bar, by what came of it; what stands below it says the same in words. */
export function RolloutBar({ rollout, hasLegend = true }: { rollout: FixRollout; hasLegend?: boolean }) {
  return <StackedBar parts={partsOf(rollout)} hasLegend={hasLegend} />;
}
