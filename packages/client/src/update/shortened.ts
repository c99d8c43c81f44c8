import { PROGRAM_MESSAGE_LENGTH_MAX } from '../limits.ts';

/** What programs print may be anything; people get a line of it. */
export function shortened(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these must not get through
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  if (line.length <= PROGRAM_MESSAGE_LENGTH_MAX) return line;
  // Half a character would be none.
  return `${line.slice(0, PROGRAM_MESSAGE_LENGTH_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
