import type { allocation as api } from '@flotilla/contracts';
import type { Article } from '../sku.events.js';

/** By flag of the catalogue, in the order in which a packer does it. */
const advices = [
  { flag: 'liquid', code: 'LIQUID', zh: '液体：单独套袋密封，直立放置，贴“向上”标签', en: 'liquid: seal it in a bag of its own, keep it upright, label THIS SIDE UP' },
  { flag: 'fragile', code: 'FRAGILE', zh: '易碎：气泡膜包裹，四周填充，贴“易碎”标签', en: 'fragile: wrap it, cushion all sides, label FRAGILE' },
  { flag: 'valuable', code: 'VALUABLE', zh: '贵重：双人复核，防拆封条，外箱不标品名', en: 'valuable: two people check it, tamper-evident seal, nothing of it outside' },
  { flag: 'bulky', code: 'BULKY', zh: '大件：加固外箱并打带，标明重量', en: 'bulky: reinforce and strap it, write its weight outside' },
] as const;

/** How the articles of one parcel are to be packed, by what the catalogue says of them. What it does not know needs nothing. */
export const adviceFor = (articles: readonly (Pick<Article, 'sku' | 'flags'> | null)[]): readonly api.PackingAdvice[] =>
  advices.flatMap(({ flag, code, zh, en }) => {
    const skus = articles.flatMap((article) => (article?.flags.some((one) => one.toLowerCase() === flag) ? [article.sku] : []));
    return skus.length === 0 ? [] : [{ code, zh, en, skus }];
  });
