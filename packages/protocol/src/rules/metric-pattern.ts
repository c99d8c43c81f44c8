/** Names of metrics with one `*` in them, which stands for a mount point, an interface or the like. */

/** What `*` in `pattern` stands for in `metric` ('' for a pattern without one), or undefined when they don't match. */
export function matchMetric(pattern: string, metric: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === metric ? '' : undefined;
  const head = pattern.slice(0, star);
  const tail = pattern.slice(star + 1);
  const fits = metric.length > head.length + tail.length && metric.startsWith(head) && metric.endsWith(tail);
  return fits ? metric.slice(head.length, metric.length - tail.length) : undefined;
}

const STAR_NOUNS: { readonly [first: string]: string } = { disk: 'mount', network: 'interface', temperature: 'zone' };

/** What the star of a pattern is, in one word for an alert's text. */
export function starNoun(pattern: string): string {
  return STAR_NOUNS[pattern.slice(0, pattern.indexOf('.'))] ?? 'name';
}
