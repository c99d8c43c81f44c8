/** Comma-separated values as RFC 4180 has them, with lines that end in CRLF or LF. */

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly fields: string[];
}

export class CsvError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = 'CsvError';
    this.line = line;
  }
}

/** The rows of a text; empty lines are none. Throws CsvError for a quote that doesn't end or stands where none may. */
export function* parseCsv(text: string): Generator<CsvRow> {
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const startLine = line;
    const fields: string[] = [];
    for (;;) {
      let field: string;
      if (text[at] === '"') {
        const end = endOfQuoted(text, at, line);
        field = text.slice(at + 1, end).replaceAll('""', '"');
        line += field.split('\n').length - 1;
        at = end + 1;
        if (at < text.length && !',\r\n'.includes(text[at]!))
          throw new CsvError(line, 'after a closing quote comes a comma or the end of the line');
      } else {
        const start = at;
        while (at < text.length && text[at] !== ',' && text[at] !== '\n') at++;
        field = text.slice(start, at);
        if (text[at] === '\n' || at === text.length) field = field.replace(/\r$/, '');
        if (field.includes('"')) throw new CsvError(line, 'a field with a quote in it has to be quoted');
      }
      fields.push(field);
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (at < text.length && text[at] !== '\n') throw new CsvError(line, 'a line ends in CRLF or LF');
    at++;
    line++;
    if (fields.length > 1 || fields[0] !== '') yield { line: startLine, fields };
  }
}

/** Where the quote is that closes the one at `start`; a quote within is written twice. */
function endOfQuoted(text: string, start: number, line: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) throw new CsvError(line, 'a quote opens here that nothing closes');
    if (text[at + 1] !== '"') return at;
    at++;
  }
}
