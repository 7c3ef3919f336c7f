import { Zip, ZipDeflate } from 'fflate';

/** A cell: text, an amount as exact decimal text, or nothing. */
export type Cell = string | { readonly amount: string } | null;

export interface Sheet {
  readonly name: string;
  /** Of the columns, in characters. */
  readonly widths: readonly number[];
  /** Pages of rows; the first row is the header. */
  readonly pages: AsyncIterable<readonly (readonly Cell[])[]>;
}

/** What a sheet may have; the rest goes on in a further one. */
const mostRows = 1_000_000;
// Made when it is needed: fflate writes local time, and this is the same numbers in any zone.
const noTime = (): Date => new Date(1980, 0, 1);

const xml = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .slice(0, 32_000)
    .replace(/[&<>"]/g, (found) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[found] ?? '');

const column = (n: number): string => (n < 26 ? String.fromCharCode(65 + n) : `${column(Math.floor(n / 26) - 1)}${String.fromCharCode(65 + (n % 26))}`);

// Text stands as text, never as a formula, whatever it begins with. Amounts are numbers with the decimals they are told in.
const cellXml = (cell: Cell, row: number, n: number): string => {
  if (cell === null || cell === '') return '';
  const at = `${column(n)}${row}`;
  if (typeof cell === 'string') return `<c r="${at}" t="inlineStr"${row === 1 ? ' s="1"' : ''}><is><t xml:space="preserve">${xml(cell)}</t></is></c>`;
  const decimals = /\.(\d+)$/.exec(cell.amount)?.[1]?.length ?? 0;
  return `<c r="${at}" s="${decimals === 0 ? 2 : decimals === 2 ? 3 : 4}"><v>${cell.amount}</v></c>`;
};

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

const styles = `${head}<styleSheet xmlns="${main}"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="3" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`;

const workbook = (names: readonly string[]): string =>
  `${head}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${names.map((name, n) => `<sheet name="${xml(name)}" sheetId="${n + 1}" r:id="rId${n + 1}"/>`).join('')}</sheets></workbook>`;

const workbookRels = (count: number): string =>
  `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${Array.from({ length: count }, (_, n) => `<Relationship Id="rId${n + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${n + 1}.xml"/>`).join('')}<Relationship Id="rId${count + 1}" Type="${relations}/styles" Target="styles.xml"/></Relationships>`;

const contentTypes = (count: number): string =>
  `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>${Array.from({ length: count }, (_, n) => `<Override PartName="/xl/worksheets/sheet${n + 1}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join('')}</Types>`;

const rels = `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

/**
 * An XLSX workbook as a stream of bytes: the same bytes for the same cells, since parts are in a fixed order and carry no time.
 * Holds a page of rows at once.
 */
export async function* xlsx(sheets: readonly Sheet[]): AsyncIterable<Uint8Array> {
  let ready: Uint8Array[] = [];
  let failed: Error | undefined;
  const zip = new Zip((error, data) => {
    if (error) failed = error;
    else ready.push(data);
  });
  const begin = (name: string): ZipDeflate => {
    const file = new ZipDeflate(name, { level: 6 });
    file.mtime = noTime();
    zip.add(file);
    return file;
  };
  const whole = (name: string, text: string): void => begin(name).push(Buffer.from(text), true);
  const drained = function* (): Iterable<Uint8Array> {
    if (failed) throw failed;
    const chunks = ready.filter((chunk) => chunk.length > 0);
    ready = [];
    yield* chunks;
  };

  const names: string[] = [];
  for (const { name, widths, pages } of sheets) {
    const columns = `<cols>${widths.map((width, n) => `<col min="${n + 1}" max="${n + 1}" width="${width}" customWidth="1"/>`).join('')}</cols>`;
    const open = (): ZipDeflate => {
      names.push(names.some((one) => one === name) ? `${name} ${names.filter((one) => one.startsWith(name)).length + 1}` : name);
      const file = begin(`xl/worksheets/sheet${names.length}.xml`);
      file.push(Buffer.from(`${head}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>${columns}<sheetData>`));
      return file;
    };
    const close = (file: ZipDeflate): void => file.push(Buffer.from('</sheetData></worksheet>'), true);
    let file = open();
    let row = 0;
    let header: readonly Cell[] | undefined;
    for await (const page of pages) {
      let text = '';
      for (const cells of page) {
        header ??= cells;
        if (row === mostRows) {
          file.push(Buffer.from(text));
          text = '';
          close(file);
          file = open();
          text += `<row r="1">${header.map((cell, n) => cellXml(cell, 1, n)).join('')}</row>`;
          row = 1;
        }
        row += 1;
        text += `<row r="${row}">${cells.map((cell, n) => cellXml(cell, row, n)).join('')}</row>`;
      }
      file.push(Buffer.from(text));
      yield* drained();
    }
    close(file);
    yield* drained();
  }
  whole('xl/styles.xml', styles);
  whole('xl/workbook.xml', workbook(names));
  whole('xl/_rels/workbook.xml.rels', workbookRels(names.length));
  whole('[Content_Types].xml', contentTypes(names.length));
  whole('_rels/.rels', rels);
  zip.end();
  yield* drained();
}
