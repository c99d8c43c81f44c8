/** Tells PostgreSQL's errors apart by SQLSTATE (PostgreSQL manual, appendix A). */

/** PostgreSQL can't be reached at the moment: class 08 or 57P0x, or the network's own words for it. */
export function isUnreachable(error: unknown): boolean {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    message?: unknown;
  };
  return (
    /^(08...|57P0[123]|ECONN(REFUSED|RESET|ABORTED)|EPIPE|ETIMEDOUT)$/.test(String(code)) ||
    /^(Connection terminated|timeout exceeded when trying to connect)/.test(String(message))
  );
}

/**
 * The data itself is at fault: class 22 (data exception) or 23 (integrity constraint). The same rows will fail again; but not
 * those whose partition was made while they were on their way, which PostgreSQL calls a check violation without a name.
 */
export function isBadInput(error: unknown): boolean {
  return /^2[23]...$/.test(codeOf(error)) && !isMisrouted(error);
}

function isMisrouted(error: unknown): boolean {
  return codeOf(error) === '23514' && (error as { constraint?: string }).constraint === undefined;
}

/** A unique index has the value already. */
export function isNameTaken(error: unknown): boolean {
  return codeOf(error) === '23505';
}

/** PostgreSQL doesn't take it for a regular expression. */
export function isBadRegex(error: unknown): boolean {
  return codeOf(error) === '2201B';
}

/** The statement took longer than it may. */
export function isTimeout(error: unknown): boolean {
  return codeOf(error) === '57014';
}

/** Somebody else held what was wanted for too long. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === '55P03';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
