import type { ingest } from '@flotilla/contracts';
import { csvRow } from '@flotilla/values';
import { ordinaryColumns } from './columns.js';

/** The columns of a channel's template: the first name of each field that its mapping looks for. */
export const templateOf = (mapping: ingest.Mapping | undefined): readonly string[] => [...new Set([...(mapping ?? ordinaryColumns).fields.map(({ from }) => from[0] ?? ''), ...(mapping?.custom ?? []).map(({ from }) => from[0] ?? '')].filter((name) => name !== ''))];

/** With a mark: Excel takes a CSV without one for the local code page. */
export const csvTemplate = (mapping: ingest.Mapping | undefined): string => `\ufeff${csvRow(templateOf(mapping))}\r\n`;

/** All of its cells are text: a spreadsheet would round long numbers, drop leading zeros and turn others into dates. */
export const xlsxTemplate = async (mapping: ingest.Mapping | undefined): Promise<Buffer> => {
  // Loaded for whoever asks: the service starts without it.
  const { Workbook } = await import('@cj-tech-master/excelts');
  const book = new Workbook();
  const sheet = book.addWorksheet('orders');
  sheet.columns = templateOf(mapping).map((header) => ({ header, width: Math.max(12, header.length + 2), style: { numFmt: '@' } }));
  return Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array);
};
