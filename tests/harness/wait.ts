/** Waits for what must become true, never for time to pass. */

const POLL_MS = 25;

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it.
 * @throws with `what` and the last error when that takes longer than `timeoutMs`
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T> | T,
  timeoutMs = 20_000,
): Promise<Exclude<T, undefined | false | null>> {
  const deadlineMs = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false && answer !== null)
        return answer as Exclude<T, undefined | false | null>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await Bun.sleep(POLL_MS);
  } while (Date.now() < deadlineMs);
  throw new Error(`It did not come to pass: ${what}`, last === undefined ? undefined : { cause: last });
}
