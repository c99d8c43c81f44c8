/** Waits for a condition instead of a time. */
const PATIENCE_MS = 40_000;
const LOOK_MS = 5;

export async function until(condition: () => boolean, describe: () => string = () => String(condition)): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += LOOK_MS) {
    if (waitedMs > PATIENCE_MS) throw new Error(`never happened: ${describe()}`);
    await Bun.sleep(LOOK_MS);
  }
}
