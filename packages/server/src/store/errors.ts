/** Tells PostgreSQL's errors apart by SQLSTATE (PostgreSQL manual, appendix A). */

/** The data itself is at fault: class 22 (data exception) or 23 (integrity constraint). The same rows will fail again. */
export function isBadInput(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return /^2[23]...$/.test(code);
}
