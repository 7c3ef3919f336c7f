import type { TextBox } from './layout.js';

/** `Field`: what the fields of a template are called. */
export type Element<Field extends string = string> =
  | ({ readonly kind: 'text'; readonly field: Field } & TextBox)
  | ({ readonly kind: 'fixed'; readonly text: string } & TextBox)
  | { readonly kind: 'rule'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'frame'; readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly stroke: number }
  | { readonly kind: 'code128'; readonly field: Field; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  | { readonly kind: 'qr'; readonly field: Field; readonly x: number; readonly y: number; readonly size: number };

/** A page as data: everything in millimetres from the top left corner, type sizes in points. */
export interface Template<Field extends string = string> {
  readonly width: number;
  readonly height: number;
  readonly elements: readonly Element<Field>[];
}
