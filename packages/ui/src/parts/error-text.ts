import { ApiError } from '@lovely/api';

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
  if (error instanceof TypeError) return 'Check that the server runs and that this computer can reach it.';
  return error instanceof Error ? error.message : String(error);
}
