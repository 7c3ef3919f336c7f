import { pdfPaper } from '@flotilla/paper';
import type { LabelField } from './label-fields.js';
import type { LabelTemplate } from './template.js';

export interface Rendered {
  readonly data: Uint8Array;
  readonly contentType: string;
  /** Characters without a glyph, and texts that were cut: for the log. */
  readonly missing: number;
  readonly cut: number;
}

/** A label as PDF, of a day. */
export const toPdf = async (template: LabelTemplate, fields: Readonly<Record<LabelField, string>>, day: string): Promise<Rendered> => {
  const paper = pdfPaper(fields.waybill, day);
  paper.add(template, fields);
  return { data: await paper.end(), contentType: 'application/pdf', ...paper.counts };
};
