import type { ServiceContext } from '@flotilla/service-kit';
import { decimalText } from '@flotilla/values';
import { stockId } from '../../decide/names.js';
import { sku as article } from '../../decide/sku.decider.js';
import type { Offer } from '../../decide/suppliers/offer.decider.js';
import type { MessageKind } from '../../decide/suppliers/offer.events.js';
import { cost, type SupplierTerms } from '../../decide/suppliers/supplier.decider.js';
import { orderFile, type OrderFile } from './files.js';
import { recipientOf } from './recipient.js';

/** The file that tells a supplier; undefined if it is to be sent to somebody whose data was erased. */
export const orderFileOf = async (ctx: Pick<ServiceContext, 'store' | 'open'>, message: MessageKind, lockId: string, { lines, until, shipping }: Offer, { supplier, language }: SupplierTerms): Promise<OrderFile | undefined> => {
  const skus = lines.map(({ sku }) => sku);
  const [articles, costs] = await Promise.all([ctx.store.folded(article, skus), ctx.store.folded(cost, skus.map((sku) => stockId(supplier, sku)))]);
  const named = lines.map(({ sku, quantity }) => {
    const [known, taken] = [articles.get(sku)!.state, costs.get(stockId(supplier, sku))!.state];
    const name = (language === 'zh' ? known?.nameZh || known?.nameEn : known?.nameEn || known?.nameZh) || sku;
    return { sku, quantity, name, ...(taken && taken.amount > 0 ? { cost: decimalText(taken.amount, taken.currency), currency: taken.currency } : { cost: '', currency: '' }) };
  });
  const to = message === 'SHIP' && shipping ? await recipientOf(ctx, shipping) : undefined;
  return message === 'SHIP' && !to ? undefined : orderFile(message, { lockId, until, lines: named }, to);
};
