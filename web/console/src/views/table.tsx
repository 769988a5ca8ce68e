// A table that can be sorted by its heads, and scrolls sideways by itself where the page is narrow.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { type Order, type Sortable, nextOrder, sorted } from '../model/sort.js';

/** A column. Without `value` it can't be sorted by; `wide` columns are left out on a phone. */
export interface Column<T> {
  readonly name: string;
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  readonly value?: (row: T) => Sortable;
  readonly number?: boolean;
  readonly wide?: boolean;
}

interface Properties<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly id: (row: T) => string | number;
  readonly order?: Order;
}

const classOf = ({ number, wide }: { number?: boolean; wide?: boolean }) =>
  [number && 'number', wide && 'wide'].filter(Boolean).join(' ') || undefined;

/** The table; its first column names each row. */
export function Table<T>({ label, columns, rows, id, order: first }: Properties<T>) {
  const order = useSignal<Order | null>(first ?? null);
  const by = columns.find(({ name }) => name === order.value?.by)?.value;
  const shown = by && order.value ? sorted(rows, by, order.value.down) : rows;
  return (
    <div class="table" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead><tr>{columns.map((column) => <Head key={column.name} column={column} order={order.value}
          sort={() => { order.value = nextOrder(order.value ?? { by: '', down: false }, column.name, column.number ?? false); }} />)}</tr></thead>
        <tbody>
          {shown.map((row) => (
            <tr key={id(row)} data-row={id(row)}>
              {columns.map((column, n) => (n === 0
                ? <th key={column.name} scope="row">{column.cell(row)}</th>
                : <td key={column.name} class={classOf(column)}>{column.cell(row)}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head<T>({ column, order, sort }: { column: Column<T>; order: Order | null; sort: () => void }) {
  const mine = order?.by === column.name;
  const direction = order?.down ? 'descending' : 'ascending';
  return (
    <th scope="col" class={classOf(column)} aria-sort={mine ? direction : undefined}>
      {column.value ? <button type="button" onClick={sort}>{column.head}<span class="arrow" aria-hidden="true" /></button> : column.head}
    </th>
  );
}
