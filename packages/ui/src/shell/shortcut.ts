/** Which keys do what, and the reading of sequences such as `g m`. */
export const SHORTCUTS = [
  { keys: ['g', 'm'], action: 'map', label: 'Go to the map' },
  { keys: ['g', 'd'], action: 'devices', label: 'Go to devices' },
  { keys: ['g', 'a'], action: 'alerts', label: 'Go to alerts' },
  { keys: ['g', 's'], action: 'software', label: 'Go to software' },
  { keys: ['g', 'r'], action: 'deployments', label: 'Go to deployments' },
  { keys: ['/'], action: 'filter', label: 'Filter or search on this page' },
  { keys: ['t'], action: 'terminal', label: 'Terminal of this device' },
  { keys: ['?'], action: 'help', label: 'Show these shortcuts' },
] as const;

/** Keys in lists, which the lists listen for themselves. */
export const LIST_KEYS = [
  { keys: ['j', 'k'], label: 'Next and previous row of a list' },
  { keys: ['x'], label: 'Select the row' },
  { keys: ['e'], label: 'Resolve the alert' },
] as const;

export type ShortcutAction = (typeof SHORTCUTS)[number]['action'];

/** Makes a reader that is given each key with its time, and answers with the action whose keys are now complete. */
export function shortcutReader(gapMs: number): (key: string, atMs: number) => ShortcutAction | undefined {
  let first: { key: string; atMs: number } | undefined;
  return (key, atMs) => {
    const pressed = first && atMs - first.atMs <= gapMs ? [first.key, key] : [key];
    first = undefined;
    const complete = SHORTCUTS.find(
      ({ keys }) => keys.length === pressed.length && keys.every((k, i) => k === pressed[i]),
    );
    if (complete) return complete.action;
    if (SHORTCUTS.some(({ keys }) => keys.length > 1 && keys[0] === key)) first = { key, atMs };
    return undefined;
  };
}
