export { drawable } from './fonts.js';
export { layout, millimetresPerPoint, type Line, type TextBox } from './layout.js';
export { bars, pdfPaper, qr, type PdfPaper } from './pdf.js';
export { draw, pagesOf, paper, type Column, type Page, type Sheet, type Table } from './sheet.js';
export type { Element, Template } from './template.js';
