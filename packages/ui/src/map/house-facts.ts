/** Picks from a gateway's metrics the few figures that tell at a glance how it fares. */
import type { Metric } from '@lovely/api';
import { decimal } from '../format/number.ts';
import { longSpan } from '../format/time.ts';

export interface HouseFact {
  readonly name: string;
  readonly text: string;
  /** So high that it needs a look. */
  readonly isHigh: boolean;
}

const HIGH_PERCENT = 90;
const DISK = /^disk\.(.+)\.usedPercent$/;

export function houseFacts(metrics: readonly Metric[]): HouseFact[] {
  const number = (name: string): number | undefined => {
    const value = metrics.find((metric) => metric.name === name)?.value;
    return typeof value === 'number' ? value : undefined;
  };
  const uptime = number('uptime.seconds');
  const load = number('load.1m');
  const memory = number('memory.usedPercent');
  const disk = fullestDisk(metrics);
  const facts = [
    uptime !== undefined && { name: 'Uptime', text: longSpan(uptime * 1_000), isHigh: false },
    load !== undefined && { name: 'Load', text: decimal(load), isHigh: false },
    memory !== undefined && { name: 'Memory', text: percent(memory), isHigh: memory >= HIGH_PERCENT },
    disk && { name: `Disk ${disk.mount}`, text: percent(disk.used), isHigh: disk.used >= HIGH_PERCENT },
  ];
  return facts.filter((fact) => fact !== false && fact !== undefined);
}

function fullestDisk(metrics: readonly Metric[]): { mount: string; used: number } | undefined {
  return metrics
    .flatMap(({ name, value }) => {
      const mount = DISK.exec(name)?.[1];
      return mount !== undefined && typeof value === 'number' ? [{ mount, used: value }] : [];
    })
    .sort((one, other) => other.used - one.used)[0];
}

function percent(value: number): string {
  return `${decimal(value)}% used`;
}
