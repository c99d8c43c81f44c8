/** Numbers for people. */
const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** With thousands separators, e.g. "974,501". */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** For a narrow badge, e.g. "812", "1.1K", "25K". */
export function shortCount(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: value < 10_000 ? 1 : 0 });
}

/** With at most three significant digits above 1, e.g. "1.25", "41.2", "1,024". */
export function decimal(value: number): string {
  return value.toLocaleString('en', {
    maximumFractionDigits: Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2,
  });
}

/** In binary units, e.g. "512 B", "1.5 GiB". */
export function bytes(value: number): string {
  const power = value < 1024 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), BYTE_UNITS.length - 1);
  return `${decimal(value / 1024 ** power)} ${BYTE_UNITS[power]}`;
}

/** A share as a percentage that never claims a whole fleet when one house is missing, e.g. "97.45%", "99.99%", "100%". */
export function percentage(part: number, whole: number): string {
  if (whole === 0) return '—';
  const hundredths = Math.floor((part / whole) * 10_000);
  return `${(hundredths / 100).toLocaleString('en', { maximumFractionDigits: 2 })}%`;
}

/** "1 house", "2 houses". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
