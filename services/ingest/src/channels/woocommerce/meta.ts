import { Fields } from '../fields.js';

/** What plugins keep with an order or a line, however much that is. */
export const metaOf = (of: Fields): readonly Fields[] => {
  const all = of.raw('meta_data');
  return (Array.isArray(all) ? (all as unknown[]) : []).flatMap((meta, at) => Fields.of(meta, `${of.at('meta_data')}[${at}]`) ?? []);
};
