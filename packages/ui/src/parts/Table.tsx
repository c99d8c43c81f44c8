import type { ReactNode } from 'react';
import styles from './Table.module.css';

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'right';
  /** Left out where the row becomes a card on a phone. */
  readonly isWideOnly?: boolean;
}

/**
 * A table that becomes a list of cards on a phone. The first column is the row's name; where it holds a link with the
 * class `rowLink`, the whole row leads there.
 */
export function Table<Row>({
  label,
  columns,
  rows,
  rowKey,
}: {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
}) {
  return (
    <table className={styles.table} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.header} scope="col" data-align={column.align}>
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((column, index) => (
              <td
                key={column.header}
                data-align={column.align}
                data-wide={column.isWideOnly || undefined}
                data-label={index === 0 ? undefined : column.header}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export const rowLink = styles.rowLink;
