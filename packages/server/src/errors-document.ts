/** Says what the errors mean: docs/errors.md, which `bun packages/server/src/errors-document.ts` writes. */
import { ERRORS } from './errors.ts';

export const ERRORS_FILE = new URL('../../../docs/errors.md', import.meta.url);

type Entry = readonly [status: number, title: string, advice?: string];

/** The content of docs/errors.md: a heading a code, so that `type` of a problem leads to it. */
export function errorsDocument(): string {
  const entries = Object.entries<Entry>(ERRORS).map(
    ([code, [status, title, advice]]) => `## ${code}\n\n**${status}** ${title}.${advice ? ` ${advice}` : ''}\n`,
  );
  return `<!-- Written by packages/server/src/errors-document.ts from the catalogue in packages/server/src/errors.ts. -->
# Errors

Every error has one of these codes. Our HTTP API answers with \`application/problem+json\` (RFC 9457): \`code\` is the code,
\`title\` the sentence below, \`detail\` what is wrong this time, \`pointer\` the member that is wrong, \`requestId\` what finds a
500 in the log, and \`type\` leads here. Mender's paths answer in Mender's shape, \`{"error", "request_id", "code"}\`. On the live
channels a control \`error\` message carries the code in \`reason\` and the number in \`code\`.

${entries.join('\n')}`;
}

if (import.meta.main) await Bun.write(ERRORS_FILE, errorsDocument());
