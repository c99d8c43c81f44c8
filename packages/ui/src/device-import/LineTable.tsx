import { CircleCheck, TriangleAlert } from 'lucide-react';
import { plural } from '../format/number.ts';
import { IMPORT_LINES_SHOWN } from '../limits.ts';
import { Chip } from '../parts/Chip.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { csvFields, csvRecords } from './csv.ts';
import type { ImportResult } from './import-run.ts';
import styles from './ImportPage.module.css';

interface Line {
  readonly line: number;
  readonly text: string;
  readonly problems: ImportResult['problems'];
}

/** What becomes of each line: those with a problem first. */
export function LineTable({
  csv,
  problems,
  isDone,
}: {
  csv: string;
  problems: ImportResult['problems'];
  isDone: boolean;
}) {
  const lines = linesOf(csv, problems);
  const columns: Column<Line>[] = [
    { header: 'Line', cell: ({ line }) => <span className="numeric">{line}</span> },
    { header: 'Gateway', cell: ({ text }) => <div className={styles.line}>{text}</div> },
    {
      header: 'Result',
      cell: ({ problems: wrong }) =>
        wrong.length === 0 ? (
          <Chip tone="ok" icon={CircleCheck}>
            {isDone ? 'Pre-authorised' : 'Good'}
          </Chip>
        ) : (
          <span className={styles.reason}>
            <Chip tone="warn" icon={TriangleAlert}>
              Left out
            </Chip>{' '}
            {wrong.map(({ column, reason }) => (
              <span key={`${column} ${reason}`}>
                {column !== null && <code>{column}: </code>}
                {reason}{' '}
              </span>
            ))}
          </span>
        ),
    },
  ];
  return (
    <>
      <Table
        label="Lines of the file"
        rows={lines.slice(0, IMPORT_LINES_SHOWN)}
        rowKey={({ line }) => String(line)}
        columns={columns}
      />
      {lines.length > IMPORT_LINES_SHOWN && (
        <p className={styles.more}>and {plural(lines.length - IMPORT_LINES_SHOWN, 'more line')}</p>
      )}
    </>
  );
}

function linesOf(csv: string, problems: ImportResult['problems']): Line[] {
  const [names, ...records] = csvRecords(csv);
  const byLine = new Map<number, ImportResult['problems']>();
  for (const problem of problems) byLine.set(problem.line, [...(byLine.get(problem.line) ?? []), problem]);
  const lines = records.map(({ line, text }) => ({
    line,
    text: shortened(text),
    problems: byLine.get(line) ?? [],
  }));
  // What is wrong with the names themselves is told of their line.
  const ofNames = names ? (byLine.get(names.line) ?? []) : [];
  if (names && ofNames.length > 0) lines.unshift({ line: names.line, text: names.text, problems: ofNames });
  return lines.toSorted((a, b) => Number(b.problems.length > 0) - Number(a.problems.length > 0));
}

/** The fields without the key, which nobody reads. */
function shortened(record: string): string {
  return csvFields(record)
    .filter((field) => field !== '' && !field.includes('-----'))
    .join(' · ');
}
