import { parseMessage } from '@flotilla/contracts';
import type { Handler } from '@flotilla/messaging';
import { isSku } from '../decide/names.js';
import { sku as article } from '../decide/sku.decider.js';

/** A participant deployed by itself learns from the fleet which SKUs there are. Sizes stay unknown: a ledger needs none. */
export const catalogueHandlers: Readonly<Record<string, Handler>> = {
  'flotilla.allocation.v1.SkuChanged': {
    handle: ({ data }, unit) => {
      const { sku, nameZh, nameEn, grams, barcodes } = parseMessage('flotilla.allocation.v1.SkuChanged', data);
      if (!isSku(sku)) return;
      unit.run(article, sku, { type: 'DescribeArticle', data: { sku, nameZh, nameEn, grams, barcodes, lengthMm: 0, widthMm: 0, heightMm: 0, hsCode: '', flags: [] } });
    },
  },
};
