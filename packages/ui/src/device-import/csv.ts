/** A CSV file (RFC 4180) as far as the browser must know it: which line is which record, and parts that can be sent one by one. */

export interface CsvRecord {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  readonly text: string;
}

/** The records with their lines; those that are empty are left out. A quoted field may have line breaks in it. */
export function csvRecords(csv: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let isQuoted = false;
  let start = 0;
  let startLine = 1;
  let line = 1;
  const add = (end: number): void => {
    const text = csv.slice(start, end).replace(/\r$/, '');
    if (text.trim() !== '') records.push({ line: startLine, text });
  };
  for (let at = 0; at < csv.length; at++) {
    const character = csv[at];
    if (character === '"') isQuoted = !isQuoted;
    if (character !== '\n') continue;
    line++;
    if (isQuoted) continue;
    add(at);
    start = at + 1;
    startLine = line;
  }
  add(csv.length);
  return records;
}

/** The fields of one record, without their quotes. */
export function csvFields(record: string): string[] {
  const fields: string[] = [];
  // With a comma before the first, every field begins alike.
  for (const match of `,${record}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
  return fields;
}

export interface CsvPart {
  /** A CSV file of its own: the names, then some records. */
  readonly csv: string;
  readonly records: number;
  /** The line in the whole file of a line in this part. */
  lineOf(line: number): number;
}

/** Cuts a file into parts of at most so many records, each with the line of names. */
export function csvParts(csv: string, recordsMax: number): CsvPart[] {
  const [names, ...records] = csvRecords(csv);
  if (!names) return [];
  const parts: CsvPart[] = [];
  for (let from = 0; from < records.length; from += recordsMax) {
    const some = records.slice(from, from + recordsMax);
    const lines = new Map<number, number>();
    let line = 1 + lineCount(names.text);
    for (const record of some) {
      lines.set(line, record.line);
      line += lineCount(record.text);
    }
    parts.push({
      csv: [names, ...some].map(({ text }) => text).join('\n'),
      records: some.length,
      lineOf: (inPart) => lines.get(inPart) ?? names.line,
    });
  }
  return parts;
}

function lineCount(text: string): number {
  return text.split('\n').length;
}
