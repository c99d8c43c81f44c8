/** Which errors mean that the server could not be reached; every browser has words of its own for it. */

/** A part of the application could not be loaded. */
export function isPartMissing(error: unknown): boolean {
  return error instanceof Error && /import(ed|ing).*module|module script|unable to preload/i.test(error.message);
}

/** It may go away by itself. */
export function isUnreachable(error: unknown): boolean {
  return (
    isPartMissing(error) ||
    (error instanceof TypeError && /failed to fetch|networkerror|load failed/i.test(error.message))
  );
}
