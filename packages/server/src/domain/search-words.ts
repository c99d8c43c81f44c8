/** What people type to find devices, as the words that the table device_words is searched for. */

const WORDS_MAX = 8;
/** The same letters divide words as in the SQL function device_words (migrations/0007-http.ts). */
const BETWEEN_WORDS = /[ \t\n\r!-/:-@[-`{-~]+/;
const WORD_LENGTH_MAX = 64;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id stays whole; everything else falls into words. */
export function searchWords(search: string): string[] {
  return search
    .toLowerCase()
    .split(/\s+/)
    .flatMap((part) => (ID.test(part) ? [part] : part.split(BETWEEN_WORDS)))
    .filter((word) => word !== '')
    .slice(0, WORDS_MAX)
    .map((word) => word.slice(0, WORD_LENGTH_MAX));
}
