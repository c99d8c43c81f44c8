/** Waits for a condition; the deadline is for a condition that never comes. */
const DEADLINE_MS = 60_000;
const LOOK_MS = 20;

export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadlineMs) throw new Error(`in ${DEADLINE_MS / 1000} s it did not happen that ${what}`);
    await Bun.sleep(LOOK_MS);
  }
}
