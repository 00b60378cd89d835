/** A real table: sticky header, right-aligned numbers, cards on phones, only the rows in sight when it is long. */
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type ReactNode } from "react";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  id: string;
  label: string;
  cell: (row: Row) => ReactNode;
  isNumber?: boolean;
  width?: string;
  /** On phones: the first line of the card, without its label. */
  isTitle?: boolean;
  /** On phones: a line of its own. */
  isWide?: boolean;
  /** Left away where there is not enough room for every column. */
  isExtra?: boolean;
  /** The field by which a press on the header sorts. */
  sortBy?: string;
}

export interface Sorting {
  field: string;
  descending: boolean;
}

interface DataTableProps<Row> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  isStale?: boolean;
  /** How many there are in all, where it is known. */
  total?: number | undefined;
  /** Inside something that scrolls by itself, every row is drawn. */
  isInside?: boolean;
  sorted?: Sorting | null;
  onSort?: (field: string) => void;
}

const VIRTUAL_FROM = 150;
const ROW_HEIGHT = 41;

function Row<T>({ row, columns, index, measure }: { row: T; columns: Column<T>[]; index: number; measure?: ((element: Element | null) => void) | undefined }) {
  return (
    <tr role="row" ref={measure} data-index={index} aria-rowindex={index + 2}>
      {columns.map((column) => (
        <td key={column.id} role="cell" data-label={column.label} data-number={column.isNumber} data-title={column.isTitle} data-wide={column.isWide} data-extra={column.isExtra}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function LongBody<T>({ rows, columns, keyOf }: Pick<DataTableProps<T>, "rows" | "columns" | "keyOf">) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const rectangle = body.current?.getBoundingClientRect();
    setTop((rectangle?.top ?? 0) + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : keyOf(row);
    },
    scrollMargin: top,
  });
  const items = virtual.getVirtualItems();
  const before = (items[0]?.start ?? 0) - top;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? 0) - top);
  const space = (height: number) =>
    height > 0 && (
      <tr aria-hidden className={classes["space"]}>
        <td colSpan={columns.length} style={{ height }} />
      </tr>
    );
  return (
    <tbody role="rowgroup" ref={body}>
      {space(before)}
      {items.map(({ index, key }) => {
        const row = rows[index];
        return row === undefined ? null : (
          <Row key={String(key)} row={row} columns={columns} index={index} measure={virtual.measureElement} />
        );
      })}
      {space(after)}
    </tbody>
  );
}

function Head<T>({ column, sorted, onSort }: { column: Column<T> } & Pick<DataTableProps<T>, "sorted" | "onSort">) {
  const { sortBy } = column;
  if (sortBy === undefined || onSort === undefined) return column.label;
  const isSorted = sorted?.field === sortBy;
  const Mark = isSorted && sorted.descending ? IconArrowDown : IconArrowUp;
  return (
    <button type="button" className={classes["sort"]} data-sorted={isSorted || undefined} onClick={() => onSort(sortBy)}>
      {column.label}
      <Mark size={14} aria-hidden />
    </button>
  );
}

function sortWord<T>({ sortBy }: Column<T>, sorted: Sorting | null | undefined) {
  if (sortBy === undefined || sorted === undefined) return undefined;
  if (sorted?.field !== sortBy) return "none";
  return sorted.descending ? "descending" : "ascending";
}

export function DataTable<T>({ label, columns, rows, keyOf, isStale = false, total, isInside = false, sorted, onSort }: DataTableProps<T>) {
  return (
    <table role="table" className={classes["table"]} aria-label={label} aria-rowcount={total === undefined ? -1 : total + 1} data-stale={isStale || undefined}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.id} role="columnheader" scope="col" data-number={column.isNumber} data-extra={column.isExtra} aria-sort={sortWord(column, sorted)} style={{ width: column.width }}>
              <Head column={column} sorted={sorted} onSort={onSort} />
            </th>
          ))}
        </tr>
      </thead>
      {rows.length > VIRTUAL_FROM && !isInside ? (
        <LongBody rows={rows} columns={columns} keyOf={keyOf} />
      ) : (
        <tbody role="rowgroup">
          {rows.map((row, index) => (
            <Row key={keyOf(row)} row={row} columns={columns} index={index} />
          ))}
        </tbody>
      )}
    </table>
  );
}

/** The button of a row that opens something: it takes a press anywhere on the row. `label` begins with what is seen. */
export function RowOpener({ label, onOpen, children }: { label: string; onOpen: () => void; children: string }) {
  return (
    <button type="button" className={classes["opener"]} aria-label={label} aria-haspopup="dialog" onClick={onOpen}>
      {children}
    </button>
  );
}
