/** A file as rows of texts; the first one names the columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface ColumnWanted {
  readonly name: string;
  readonly needed?: true;
  /** What others call it. */
  readonly also?: readonly string[];
}

/** Which column of the file is taken for each that is wanted; absent: none. */
export type ColumnMap = Readonly<Record<string, string>>;

const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

/** By the same name, then by what others call it; each column of the file once. */
export const matched = (wanted: readonly ColumnWanted[], columns: readonly string[], remembered: ColumnMap = {}): ColumnMap => {
  const used = new Set<string>();
  const map: Record<string, string> = {};
  const take = (name: string, column: string | undefined): void => {
    if (column === undefined || used.has(column) || map[name] !== undefined) return;
    map[name] = column;
    used.add(column);
  };
  for (const { name } of wanted) if (columns.includes(remembered[name] ?? '')) take(name, remembered[name]);
  for (const { name } of wanted) take(name, columns.find((column) => plain(column) === plain(name)));
  for (const { name, also = [] } of wanted) take(name, columns.find((column) => also.some((one) => plain(one) === plain(column))));
  return map;
};

export const missingColumns = (wanted: readonly ColumnWanted[], map: ColumnMap): readonly string[] => wanted.filter(({ name, needed }) => needed && map[name] === undefined).map(({ name }) => name);

const cell = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** CSV with the wanted columns alone, in their order. Every row of the file is a row of it, so that reports name the same row. */
export const toCsv = (wanted: readonly ColumnWanted[], map: ColumnMap, { columns, rows }: Table): string => {
  const taken = wanted.flatMap(({ name }) => (map[name] === undefined ? [] : [{ name, at: columns.indexOf(map[name]) }]));
  return [taken.map(({ name }) => name), ...rows.map((row) => taken.map(({ at }) => row[at] ?? ''))].map((row) => row.map(cell).join(',')).join('\n');
};

export interface RowProblem {
  readonly row: number;
  readonly reason: string;
  readonly detail: string;
  readonly cell: string;
}

const placeOf = (name: string): number => Array.from(name).reduce((sum, sign) => sum * 26 + (sign.charCodeAt(0) - 64), 0) - 1;

/** A problem in the words of the file: which column, and what stands there. `cell` names a place of what was sent ("C17"). */
export const located = (wanted: readonly ColumnWanted[], map: ColumnMap, { columns, rows }: Table, problem: RowProblem): { readonly column: string; readonly value: string } => {
  const sent = wanted.filter(({ name }) => map[name] !== undefined).map(({ name }) => name);
  const letters = /^([A-Z]{1,3})\d+$/.exec(problem.cell)?.[1];
  const byCell = letters ? sent[placeOf(letters)] : undefined;
  const name = byCell ?? sent.find((one) => new RegExp(`(?:^|[^\\p{L}_])${one}(?:[^\\p{L}_]|$)`, 'u').test(problem.detail));
  const column = name === undefined ? '' : (map[name] ?? '');
  return { column, value: column === '' ? '' : (rows[problem.row - 2]?.[columns.indexOf(column)] ?? '') };
};

/** The rows of a file that were not taken, with why: to be corrected and sent again. */
export const leftOver = ({ columns, rows }: Table, problems: readonly RowProblem[], why: (problem: RowProblem) => string): string =>
  [[...columns, 'problem'], ...problems.map((problem) => [...(rows[problem.row - 2] ?? []), why(problem)])].map((row) => row.map(cell).join(',')).join('\n');
