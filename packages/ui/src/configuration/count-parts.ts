import type { ConfigurationCounts } from '@lovely/api';
import type { BarPart } from '../parts/StackedBar.tsx';

/** Houses by how they stand to what they should be set to, as parts of a bar. */
export function partsOf(counts: ConfigurationCounts): BarPart[] {
  return [
    { key: 'current', label: 'as they should be', amount: counts.current, tone: 'ok' },
    { key: 'confirming', label: 'being tried', amount: counts.confirming, tone: 'busy' },
    { key: 'waiting', label: 'waiting', amount: counts.waiting, tone: 'none' },
    { key: 'differs', label: 'with other values', amount: counts.differs, tone: 'warn', shade: 'light' },
    { key: 'failed', label: 'could not be set', amount: counts.failed, tone: 'warn', shade: 'striped' },
    { key: 'reverted', label: 'went back', amount: counts.reverted, tone: 'bad' },
  ];
}
