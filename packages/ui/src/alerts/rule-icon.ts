import { Database, MemoryStick, TriangleAlert, WifiOff, Workflow, type LucideIcon } from 'lucide-react';

const ICONS: readonly [RegExp, LucideIcon][] = [
  [/offline/, WifiOff],
  [/disk/, Database],
  [/memory/, MemoryStick],
  [/service/, Workflow],
];

/** The picture of a rule: by its key for those we bring, one for all others. */
export function ruleIcon(rule: string): LucideIcon {
  return ICONS.find(([pattern]) => pattern.test(rule))?.[1] ?? TriangleAlert;
}
