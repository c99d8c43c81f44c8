/** Globs of `clears_artifact_provides` (COMPAT 4). */

/** Whether the glob means the key. `*` stands for anything; nothing else has a meaning. It comes with the artifact: many of them must take no longer. */
export function fitsGlob(glob: string, key: string): boolean {
  const [first = '', ...rest] = glob.split('*');
  if (rest.length === 0) return glob === key;
  if (!key.startsWith(first)) return false;
  const last = rest.pop()!;
  let at = first.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
}
