/** The one-time code of a set-up link: a fragment never leaves the browser. Takes `#CODE` and `#code=CODE`. */
export function codeFromHash(hash: string): string {
  const fragment = hash.replace(/^#/, '').replace(/^code=/, '');
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
