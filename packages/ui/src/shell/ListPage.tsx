/** A page that is one table: its head, the button that makes a row, the list with all its states, what a row can do. */
import { Button, Menu } from '@mantine/core';
import { Plus, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard, type Listing } from '../parts/ListCard.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { PageHeader } from './PageHeader.tsx';

/** Draws a dialog; `onClose` is for when it is done or given up. */
type Dialog = (onClose: () => void) => ReactNode;

export interface RowAction<Row> {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly isDanger?: boolean;
  /** Left out for the rows it makes no sense for. */
  readonly isFor?: (row: Row) => boolean;
  readonly dialog: (row: Row, onClose: () => void) => ReactNode;
}

interface ListPageProps<Row> {
  readonly title: string;
  readonly detail: string;
  readonly query: Listing;
  /** Undefined until there is an answer. */
  readonly rows: readonly Row[] | undefined;
  readonly columns: readonly Column<Row>[];
  /** The button that makes one, where the person may. */
  readonly make?:
    | { readonly label: string; readonly dialog: Dialog }
    /** Where a page of its own is for that. */
    | { readonly label: string; readonly onMake: () => void }
    | false;
  /** What the row's menu offers; no menu where it is empty. */
  readonly actions?: readonly RowAction<Row>[];
  readonly empty: { readonly icon: LucideIcon; readonly title: string; readonly detail?: string };
  /** Stands between the head and the list. */
  readonly filters?: ReactNode;
  /** Nothing found is then no reason to make one. */
  readonly isFiltered?: boolean;
}

export function ListPage<Row extends { readonly id: string; readonly name: string }>({
  title,
  detail,
  query,
  rows,
  columns,
  make,
  actions = [],
  empty: { icon, title: emptyTitle, detail: emptyDetail },
  filters,
  isFiltered = false,
}: ListPageProps<Row>) {
  const [open, setOpen] = useState<{ readonly dialog: Dialog }>();
  const makeButton = make && (
    <Button
      leftSection={<Plus size={16} />}
      onClick={() => ('dialog' in make ? setOpen({ dialog: make.dialog }) : make.onMake())}
    >
      {make.label}
    </Button>
  );
  const menu: Column<Row> = {
    header: '',
    align: 'right',
    cell: (row) => {
      const own = actions.filter(({ isFor }) => isFor?.(row) ?? true);
      return (
        own.length > 0 && (
          <RowMenu label={`Actions for ${row.name}`}>
            {own.map(({ label, icon: Icon, isDanger, dialog }) => (
              <Menu.Item
                key={label}
                leftSection={<Icon size={15} />}
                {...(isDanger ? { color: 'red' } : {})}
                onClick={() => setOpen({ dialog: (onClose) => dialog(row, onClose) })}
              >
                {label}
              </Menu.Item>
            ))}
          </RowMenu>
        )
      );
    },
  };
  return (
    <>
      <PageHeader title={title} detail={detail} actions={makeButton} />
      {filters}
      <ListCard
        query={query}
        items={rows}
        empty={
          <EmptyState icon={icon} title={emptyTitle} {...(emptyDetail === undefined ? {} : { detail: emptyDetail })}>
            {isFiltered ? undefined : makeButton}
          </EmptyState>
        }
      >
        {(items) => (
          <Table
            label={title}
            rows={items}
            rowKey={({ id }) => id}
            columns={actions.length > 0 ? [...columns, menu] : columns}
          />
        )}
      </ListCard>
      {open?.dialog(() => setOpen(undefined))}
    </>
  );
}
