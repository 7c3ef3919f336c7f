import { Workbook } from '@cj-tech-master/excelts';

/** A workbook as a spreadsheet saves it. */
export const workbook = async (rows: readonly (readonly unknown[])[]): Promise<Buffer> => {
  const book = new Workbook();
  const sheet = book.addWorksheet('sheet');
  for (const row of rows) sheet.addRow([...row] as never[]);
  return Buffer.from((await book.xlsx.writeBuffer()) as Uint8Array);
};
