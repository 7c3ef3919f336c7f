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

/** A label as PDF. */
export const toPdf = async (template: LabelTemplate, fields: Readonly<Record<LabelField, string>>): Promise<Rendered> => {
  const paper = pdfPaper(fields.waybill);
  paper.add(template, fields);
  return { data: await paper.end(), contentType: 'application/pdf', ...paper.counts };
};
