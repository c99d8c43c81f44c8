import { CookingPot, Flame, Lightbulb, Plug, Radio, Sun, type LucideIcon } from 'lucide-react';

const ICONS: Readonly<Record<string, LucideIcon>> = {
  'power-outlet': Plug,
  'light-bulb': Lightbulb,
  oven: CookingPot,
  heating: Flame,
  'solar-plant': Sun,
};

/** The picture of a kind of sensor; one for all kinds of somebody's own. */
export function SensorIcon({ kind, size }: { kind: string; size: number }) {
  const Icon = ICONS[kind] ?? Radio;
  return <Icon size={size} strokeWidth={1.9} aria-hidden />;
}
