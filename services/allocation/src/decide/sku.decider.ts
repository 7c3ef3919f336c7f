import { Refused, type Decider } from '@flotilla/decider';
import { isSku, quantity } from './names.js';
import type { Article, SkuEvent } from './sku.events.js';

export type SkuCommand = { readonly type: 'DescribeArticle'; readonly data: Article };

/** `null` until the SKU is in the catalogue. */
export type SkuState = Article | null;

const evolve = (_: SkuState, event: SkuEvent): SkuState => event.data;

const describe = (article: Article, known: SkuState): readonly SkuEvent[] => {
  if (!isSku(article.sku)) throw new Refused('BAD_REQUEST', `"${article.sku}" cannot be a SKU: printable ASCII, at most 100 characters`);
  for (const size of ['grams', 'lengthMm', 'widthMm', 'heightMm'] as const) quantity(article[size], size);
  return JSON.stringify(known) === JSON.stringify(article) ? [] : [{ type: 'ArticleDescribed', data: article }];
};

/** One article of the catalogue. */
export const sku: Decider<SkuState, SkuCommand, SkuEvent> = {
  category: 'sku',
  initial: null,
  evolve,
  decide: ({ data }, known) => describe(data, known),
};
