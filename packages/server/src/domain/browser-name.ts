/** A browser in words that its owner recognises, from the User-Agent header; good enough to tell one's own devices apart. */

/** The first that fits: many browsers name others too. */
const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\b(OPR|Opera)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|CriOS|Chromium|HeadlessChrome)\//],
  ['Safari', /\bVersion\/[\d.]+.*\bSafari\//],
];
const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['Chrome OS', /\bCrOS\b/],
  ['Mac', /\bMac OS X\b|\bMacintosh\b/],
  ['Linux', /\bLinux\b/],
];
const PROGRAM = /^([A-Za-z][\w.-]{0,39})(?:\/|\s|$)/;

/** As "Firefox on Windows"; the name of a program such as mender-cli; "Unknown" where nothing is said. */
export function browserName(userAgent: string): string {
  const system = SYSTEMS.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = BROWSERS.find(([, pattern]) => pattern.test(userAgent))?.[0];
  if (browser) return system ? `${browser} on ${system}` : browser;
  if (userAgent.startsWith('Mozilla/')) return system ? `A browser on ${system}` : 'A browser';
  return PROGRAM.exec(userAgent)?.[1] ?? 'Unknown';
}
