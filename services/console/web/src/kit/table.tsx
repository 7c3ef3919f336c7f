import { ActionIcon, Button, Checkbox, Group, Popover, Stack, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronUp, IconColumns3 } from '@tabler/icons-react';
import { columnOrderingFeature, columnPinningFeature, columnResizingFeature, columnSizingFeature, columnVisibilityFeature, tableFeatures, useTable, type ColumnDef } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useId, useMemo, useRef, useState, type CSSProperties, type MouseEvent, type ReactNode } from 'react';
import { useElementSize } from '@mantine/hooks';
import { useHotkeys } from './hotkeys.js';
import { useLocale, useWords } from './locale.js';
import { words } from './words.js';

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: T) => ReactNode;
  /** Pixels at first; a reader may make it wider. */
  readonly width: number;
  /** Takes what room is left. */
  readonly grow?: boolean;
  /** Numbers and money stand at the end of their cell. */
  readonly align?: 'end';
  /** Stays in sight while the others scroll sideways. */
  readonly pinned?: boolean;
  /** Not shown until it is chosen. */
  readonly hidden?: boolean;
  /** The key by which the list can be sorted by it. */
  readonly sort?: string;
}

/** Rows of a list of which only a part is in memory, and which keep their places until the reader asks for others; `at` answers undefined for what is not there (yet). */
export interface RowWindow<T> {
  readonly count: number;
  readonly at: (index: number) => T | undefined;
  /** What is looked at now. */
  readonly onRange?: (from: number, to: number) => void;
}

export interface TableSelection {
  readonly has: (key: string) => boolean;
  /** `range`: from the last one that was toggled to this one. */
  readonly toggle: (key: string, range: boolean) => void;
  readonly all: 'none' | 'some' | 'all';
  readonly toggleAll: () => void;
}

export interface DataTableProps<T> {
  /** What the list is, for those who hear it. */
  readonly label: string;
  readonly rows: readonly T[] | RowWindow<T>;
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  /** What a row is called, for its checkbox. */
  readonly rowName?: (row: T) => string;
  readonly onOpen?: (row: T) => void;
  /** The row under the cursor changed (`j`, `k`, a click). */
  readonly onCursor?: (row: T | undefined) => void;
  readonly selection?: TableSelection;
  /** For lists that are asked page by page as one scrolls. */
  readonly more?: { readonly has: boolean; readonly load: () => void };
  /** `waits_since desc` or the like, and how it is changed. */
  readonly sort?: { readonly by: string; readonly onSort: (by: string) => void };
  /** Keeps columns, their order and widths under this name. */
  readonly remember?: string;
  /** How a row looks on a phone, where columns have no room; without it the table scrolls sideways. */
  readonly phone?: (row: T) => ReactNode;
  readonly phoneHeight?: number;
  readonly rowClass?: (row: T) => string | undefined;
  /** Shown where there are no rows. */
  readonly empty?: ReactNode;
  /** Keys work only for the list that is looked at, where a page has several. */
  readonly keys?: boolean;
  /** Pixels; without it the list takes the room that its parent gives. */
  readonly height?: number;
}

const features = tableFeatures({ columnOrderingFeature, columnPinningFeature, columnResizingFeature, columnSizingFeature, columnVisibilityFeature });

interface Kept {
  readonly columnVisibility: Record<string, boolean>;
  readonly columnOrder: string[];
  readonly columnSizing: Record<string, number>;
}

const keptOf = (remember: string | undefined): Partial<Kept> => {
  try {
    return remember === undefined ? {} : (JSON.parse(localStorage.getItem(`flotilla.columns.${remember}`) ?? '{}') as Partial<Kept>);
  } catch {
    return {};
  }
};

const rowHeight = 28;
const pickWidth = 34;

/**
 * A dense list that scrolls over any number of rows: only those in sight are in the page. `j` `k` move the cursor, `x` chooses, Enter opens;
 * columns are chosen, moved, widened, and remembered.
 *
 * ```tsx
 * <DataTable label={t('stock')} rows={levels} rowKey={({ warehouse, sku }) => `${warehouse}/${sku}`} columns={columns} onOpen={open} />
 * ```
 */
export const DataTable = <T,>({ label, rows, columns, rowKey, rowName, onOpen, onCursor, selection, more, sort, remember, phone, phoneHeight = 64, rowClass, empty, keys = true, height }: DataTableProps<T>) => {
  const t = useWords(words);
  const locale = useLocale();
  const id = useId();
  const { ref: sizeRef, width } = useElementSize<HTMLDivElement>();
  const scroller = useRef<HTMLDivElement>(null);
  const small = phone !== undefined && width > 0 && width < 620;
  const { count, at, onRange } = useMemo(() => ('count' in rows ? rows : { count: rows.length, at: (index: number) => rows[index], onRange: undefined }), [rows]);

  const kept = useMemo(() => keptOf(remember), [remember]);
  const table = useTable(
    {
      features,
      columns: useMemo(() => columns.map(({ id: columnId, width: size }): ColumnDef<typeof features, object> => ({ id: columnId, size, minSize: 48, header: columnId })), [columns]),
      data: none,
      columnResizeMode: 'onChange',
      initialState: {
        columnVisibility: { ...Object.fromEntries(columns.filter(({ hidden }) => hidden).map((column) => [column.id, false])), ...kept.columnVisibility },
        columnOrder: kept.columnOrder ?? [],
        columnSizing: kept.columnSizing ?? {},
        columnPinning: { start: columns.filter(({ pinned }) => pinned).map((column) => column.id), end: [] },
      },
    },
    ({ columnVisibility, columnOrder, columnSizing, columnPinning, columnResizing }) => ({ columnVisibility, columnOrder, columnSizing, columnPinning, columnResizing }),
  );
  const { columnVisibility, columnOrder, columnSizing } = table.state;
  useEffect(() => {
    if (remember !== undefined) localStorage.setItem(`flotilla.columns.${remember}`, JSON.stringify({ columnVisibility, columnOrder, columnSizing } satisfies Kept));
  }, [remember, columnVisibility, columnOrder, columnSizing]);

  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const headers = table.getFlatHeaders().filter((header) => byId.has(header.column.id));
  const selects = selection !== undefined;
  const layout = headers.map((header) => ({ header, column: byId.get(header.column.id)!, size: header.column.getSize(), start: header.column.getIsPinned() === 'start' ? header.column.getStart('start') + (selects ? pickWidth : 0) : undefined }));
  // The same for as long as nobody chooses, moves or widens a column: rows are drawn again only for what is new in them.
  const drawn = JSON.stringify(layout.map(({ column, size, start }) => [column.id, size, start]));
  const visible = useMemo(() => layout, [drawn, columns]); // eslint-disable-line react-hooks/exhaustive-deps -- `drawn` is what it says
  const total = visible.reduce((sum, { size }) => sum + size, selection ? pickWidth : 0) + 34;

  const virtual = useVirtualizer({
    count: count + (more?.has ? 1 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => (small ? phoneHeight : rowHeight),
    overscan: 5,
    scrollPaddingStart: small ? 0 : 30,
    getItemKey: (index) => {
      const row = at(index);
      return row === undefined ? index : rowKey(row);
    },
  });
  useEffect(() => virtual.measure(), [small, virtual]);
  const items = virtual.getVirtualItems();
  // Where rows keep their places elements are filled anew while one scrolls: making them is most of what a jump to the end would cost. Elsewhere an element
  // stays with its row: a button that is being pressed must not be another row's by then.
  const keepPlaces = 'count' in rows;
  const slots = Math.ceil((items.length + 1) / 32) * 32;
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => onRange?.(from, to), [from, to, onRange]);
  useEffect(() => {
    if (more?.has && to >= count - 20) more.load();
  }, [more, to, count]);

  const [cursorKey, setCursorKey] = useState<string>();
  const cursor = useRef({ index: -1 });
  // Rows come and go above it: the cursor stays with its row.
  const isCursor = (index: number): boolean => {
    const row = at(index);
    return row !== undefined && rowKey(row) === cursorKey;
  };
  const cursorAt = (): number => {
    if (cursorKey === undefined) return -1;
    const { index } = cursor.current;
    if (isCursor(index)) return index;
    for (let near = Math.max(0, index - 200); near < Math.min(count, index + 200); near += 1) if (isCursor(near)) return near;
    return Math.min(index, count - 1);
  };
  const cursorIndex = cursorAt();
  cursor.current.index = cursorIndex;
  const goTo = (index: number): void => {
    const bounded = Math.max(0, Math.min(count - 1, index));
    const row = at(bounded);
    if (row === undefined) return;
    cursor.current.index = bounded;
    setCursorKey(rowKey(row));
    onCursor?.(row);
    virtual.scrollToIndex(bounded, { align: 'auto' });
  };
  // Keys may come faster than renders: what they are about is read when they are pressed.
  const step = (by: number): void => goTo(cursor.current.index < 0 ? 0 : cursor.current.index + by);
  const onCurrent = (act: (row: T) => void): void => {
    const row = cursor.current.index < 0 ? undefined : at(cursor.current.index);
    if (row !== undefined) act(row);
  };
  useHotkeys(
    label,
    [
      { key: 'j', label: t('next'), run: () => step(1) },
      { key: 'ArrowDown', label: '', run: () => step(1) },
      { key: 'k', label: t('previous'), run: () => step(-1) },
      { key: 'ArrowUp', label: '', run: () => step(-1) },
      { key: 'Home', label: t('first'), run: () => goTo(0) },
      { key: 'End', label: t('last'), run: () => goTo(count - 1) },
      ...(selection
        ? [
            { key: 'x', label: t('select'), run: () => onCurrent((row) => selection.toggle(rowKey(row), false)) },
            { key: 'shift+x', label: '', run: () => onCurrent((row) => selection.toggle(rowKey(row), true)) },
          ]
        : []),
      ...(onOpen ? [{ key: 'Enter', label: t('open'), run: () => onCurrent(onOpen) }] : []),
    ],
    keys && count > 0,
  );

  const clicked = (event: MouseEvent, row: T, index: number): void => {
    if ((event.target as HTMLElement).closest('a, button, input, label')) return;
    if (globalThis.getSelection()?.toString()) return;
    cursor.current.index = index;
    setCursorKey(rowKey(row));
    onCursor?.(row);
    if (selection && event.shiftKey) selection.toggle(rowKey(row), true);
    else if (selection && (event.metaKey || event.ctrlKey)) selection.toggle(rowKey(row), false);
    else onOpen?.(row);
  };

  // What a row does is looked up when it is done: a row keeps the handlers that it was first drawn with.
  const acts = useRef({ clicked, toggle: selection?.toggle });
  acts.current = { clicked, toggle: selection?.toggle };
  const onClick = useMemo(() => (event: MouseEvent, row: T, index: number) => acts.current.clicked(event, row, index), []);
  const onToggle = useMemo(() => (key: string, range: boolean) => acts.current.toggle?.(key, range), []);
  const selectRow = useMemo(() => (name: string) => t('selectRow', { row: name }), [locale]); // eslint-disable-line react-hooks/exhaustive-deps -- the words are those of the locale

  const move = (columnId: string, by: number): void => {
    const order = table.getAllLeafColumns().map((column) => column.id);
    const at = order.indexOf(columnId);
    const next = order.toSpliced(at, 1).toSpliced(Math.max(0, Math.min(order.length - 1, at + by)), 0, columnId);
    table.setColumnOrder(next);
  };

  const chooser = (
    <Popover position="bottom-end" shadow="md" withArrow>
      <Popover.Target>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('columns')} title={t('columns')}>
          <IconColumns3 size={14} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <Stack gap={2}>
          {table.getAllLeafColumns().map((column) => (
            <Group key={column.id} justify="space-between" wrap="nowrap" gap="xs">
              <Checkbox size="xs" label={byId.get(column.id)?.header} checked={column.getIsVisible()} disabled={byId.get(column.id)?.pinned ?? false} onChange={() => column.toggleVisibility()} />
              <Group gap={0} wrap="nowrap">
                <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`${t('moveUp')}: ${byId.get(column.id)?.header}`} onClick={() => move(column.id, -1)}>
                  <IconArrowUp size={12} />
                </ActionIcon>
                <ActionIcon size="xs" variant="subtle" color="gray" aria-label={`${t('moveDown')}: ${byId.get(column.id)?.header}`} onClick={() => move(column.id, 1)}>
                  <IconArrowDown size={12} />
                </ActionIcon>
              </Group>
            </Group>
          ))}
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => {
              table.setColumnVisibility(Object.fromEntries(columns.filter(({ hidden }) => hidden).map((column) => [column.id, false])));
              table.setColumnOrder([]);
              table.setColumnSizing({});
            }}
          >
            {t('resetColumns')}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );

  const [sorted, direction] = (sort?.by ?? '').split(' ');
  const headCell = (one: (typeof visible)[number]): ReactNode => {
    const { column, header } = one;
    const active = column.sort !== undefined && column.sort === sorted;
    return (
      <div key={column.id} role="columnheader" className="f-cell f-head-cell" data-align={column.align} data-pinned={one.start !== undefined || undefined} style={cellStyle(one)} aria-sort={active ? (direction === 'desc' ? 'descending' : 'ascending') : undefined}>
        {sort && column.sort !== undefined ? (
          <button type="button" className="f-sort" title={t('sortBy', { column: column.header })} onClick={() => sort.onSort(active && direction === 'desc' ? column.sort! : active ? `${column.sort} desc` : `${column.sort} desc`)}>
            {column.header}
            {active && (direction === 'desc' ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden />)}
          </button>
        ) : (
          column.header
        )}
        <span className="f-resize" aria-hidden title={t('resize', { column: column.header })} onMouseDown={header.getResizeHandler()} onTouchStart={header.getResizeHandler()} onDoubleClick={() => header.column.resetSize()} />
      </div>
    );
  };

  if (count === 0 && !more?.has && empty !== undefined) return <>{empty}</>;
  return (
    <div
      ref={(node) => {
        scroller.current = node;
        if (typeof sizeRef === 'function') sizeRef(node);
        else if (sizeRef) (sizeRef as { current: HTMLDivElement | null }).current = node;
      }}
      className="f-table"
      role="grid"
      aria-label={label}
      aria-rowcount={more?.has ? -1 : count + 1}
      aria-multiselectable={selection ? true : undefined}
      aria-activedescendant={cursorIndex >= from && cursorIndex <= to ? `${id}-${cursorIndex}` : undefined}
      tabIndex={0}
      data-small={small || undefined}
      style={height === undefined ? undefined : { height, flex: 'none' }}
    >
      <div role="rowgroup" className="f-head" style={small ? undefined : { minWidth: total }}>
        <div role="row" aria-rowindex={1} className="f-row-head">
          {selection && (
            <div role="columnheader" className="f-cell f-pick" data-pinned>
              <input type="checkbox" className="f-check" ref={(box) => void (box && (box.indeterminate = selection.all === 'some'))} aria-label={t('selectAll')} checked={selection.all === 'all'} onChange={selection.toggleAll} />
            </div>
          )}
          {small ? <div role="columnheader" className="f-cell" style={{ flex: 1 }}>{label}</div> : visible.map(headCell)}
          <div role="columnheader" className="f-cell f-chooser" aria-label={t('columns')}>
            {!small && chooser}
          </div>
        </div>
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative', ...(small ? {} : { minWidth: total }) }}>
        {items.map((item) => {
          const row = item.index < count ? at(item.index) : undefined;
          if (row === undefined)
            return (
              <div key={`ghost-${item.index % slots}`} role="row" aria-rowindex={item.index + 2} className="f-row" data-ghost style={{ transform: `translateY(${item.start}px)`, height: item.size }}>
                <div role="gridcell" className="f-cell" style={{ flex: 1 }}>
                  <span className="f-ghost" role="img" aria-label={t('loading')} />
                </div>
              </div>
            );
          const key = rowKey(row);
          return (
            <DataRow
              key={keepPlaces ? item.index % slots : item.key}
              id={`${id}-${item.index}`}
              row={row}
              rowId={key}
              name={rowName?.(row) ?? key}
              index={item.index}
              start={item.start}
              size={item.size}
              className={rowClass?.(row)}
              cursor={item.index === cursorIndex}
              opens={onOpen !== undefined}
              chosen={selection?.has(key)}
              columns={visible}
              phone={small ? phone : undefined}
              selectRow={selectRow}
              onClick={onClick}
              onToggle={onToggle}
            />
          );
        })}
      </div>
    </div>
  );
};

const none: object[] = [];

interface Laid<T> {
  readonly column: Column<T>;
  readonly size: number;
  readonly start: number | undefined;
}

const cellStyle = ({ size, start, column }: Pick<Laid<never>, 'size' | 'start'> & { readonly column: { readonly grow?: boolean } }): CSSProperties => ({
  width: size,
  flex: column.grow ? `1 0 ${size}px` : `0 0 ${size}px`,
  ...(start === undefined ? {} : { position: 'sticky', insetInlineStart: start, zIndex: 1 }),
});

interface DataRowProps<T> {
  readonly id: string;
  readonly row: T;
  readonly rowId: string;
  readonly name: string;
  readonly index: number;
  readonly start: number;
  readonly size: number;
  readonly className: string | undefined;
  readonly cursor: boolean;
  readonly opens: boolean;
  /** Undefined where nothing can be chosen. */
  readonly chosen: boolean | undefined;
  readonly columns: readonly Laid<T>[];
  readonly phone: ((row: T) => ReactNode) | undefined;
  readonly selectRow: (name: string) => string;
  readonly onClick: (event: MouseEvent, row: T, index: number) => void;
  readonly onToggle: (key: string, range: boolean) => void;
}

/** A row: drawn again when it changes, not when another does. Everything in it is plain: there are many. */
const DataRow = memo(<T,>({ id, row, rowId, name, index, start, size, className, cursor, opens, chosen, columns, phone, selectRow, onClick, onToggle }: DataRowProps<T>) => (
  <div
    id={id}
    role="row"
    aria-rowindex={index + 2}
    aria-selected={chosen}
    className={className === undefined ? 'f-row' : `f-row ${className}`}
    data-cursor={cursor || undefined}
    data-opens={opens || undefined}
    style={{ transform: `translateY(${start}px)`, height: size }}
    onClick={(event) => onClick(event, row, index)}
  >
    {chosen !== undefined && (
      <div role="gridcell" className="f-cell f-pick" data-pinned>
        <input type="checkbox" className="f-check" aria-label={selectRow(name)} checked={chosen} onChange={(event) => onToggle(rowId, (event.nativeEvent as unknown as { shiftKey?: boolean }).shiftKey ?? false)} tabIndex={-1} />
      </div>
    )}
    {phone !== undefined ? (
      <div role="gridcell" className="f-cell f-phone">
        {phone(row)}
      </div>
    ) : (
      columns.map((one) => (
        <div key={one.column.id} role="gridcell" className="f-cell" data-align={one.column.align} data-pinned={one.start !== undefined || undefined} style={cellStyle(one)}>
          {one.column.cell(row)}
        </div>
      ))
    )}
  </div>
)) as <T>(props: DataRowProps<T>) => ReactNode;

/** How many rows there are, and whether there are more, for the foot of a list. */
export const RowCount = ({ count, more }: { readonly count: number; readonly more: boolean }) => {
  const t = useWords(words);
  return (
    <Text size="xs" c="dimmed">
      {t(more ? 'rowsSoFar' : 'rows', { n: count })}
    </Text>
  );
};
