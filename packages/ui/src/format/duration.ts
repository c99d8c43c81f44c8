/** Durations as people write them: a number and a unit. */
export const DURATION_UNITS = [
  { label: 'seconds', ms: 1_000 },
  { label: 'minutes', ms: 60_000 },
  { label: 'hours', ms: 3_600_000 },
  { label: 'days', ms: 86_400_000 },
] as const;

/** The largest unit in which a duration is a whole number; seconds for 0 and what is not even whole seconds. */
export function durationUnit(ms: number): (typeof DURATION_UNITS)[number] {
  const whole = ms === 0 ? undefined : DURATION_UNITS.findLast((unit) => ms % unit.ms === 0);
  return whole ?? DURATION_UNITS[0];
}

/** In its largest whole unit, e.g. "5 minutes", "1 hour", "90 seconds". */
export function durationText(ms: number): string {
  const unit = durationUnit(ms);
  const amount = ms / unit.ms;
  return `${amount.toLocaleString('en')} ${amount === 1 ? unit.label.slice(0, -1) : unit.label}`;
}
