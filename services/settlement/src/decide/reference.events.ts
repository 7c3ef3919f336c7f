import type { Waiting } from './line.js';

export type ReferenceEvent =
  | { readonly type: 'ReferenceTaken'; readonly data: { readonly referenceId: string; readonly orderId: string } }
  | { readonly type: 'LineAwaitsOrder'; readonly data: Waiting & { readonly referenceId: string } }
  | { readonly type: 'LineGivenUp'; readonly data: { readonly lineId: string } };
