import { ApiError } from '@lovely/api';
import { isPartMissing } from './unreachable.ts';

/** An error in words for people. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) {
    const { code, title, detail } = error.problem;
    // Roles are given by people: the refusal alone would not say whom to ask.
    if (code === 'not-allowed' && detail === title)
      return 'Your role is not for this, or not for this house. Ask an administrator.';
    return detail;
  }
  // What `fetch` throws when there is no answer; its own text differs from browser to browser.
  if (error instanceof TypeError || isPartMissing(error))
    return 'Check that the server runs and that this computer can reach it.';
  // An answer that is not as the contract says: one of both was upgraded.
  if (error instanceof Error && 'issues' in error)
    return 'This page and the server are not of the same version. Load the page again.';
  return error instanceof Error ? error.message : String(error);
}
