// Tags of the buyer's remark, as ingest's rules give them: what of them decides here.
const wants = 'buyer:carrier:';
const refuses = 'buyer:not:';

const after = (tags: readonly string[], prefix: string): readonly string[] => tags.flatMap((tag) => (tag.startsWith(prefix) ? [tag.slice(prefix.length)] : []));

/** Carriers that the buyer asks for, and those that he does not want. Who says both wants it. */
export const carrierWishes = (tags: readonly string[]): { readonly wanted: readonly string[]; readonly unwanted: readonly string[] } => {
  const wanted = after(tags, wants);
  return { wanted, unwanted: after(tags, refuses).filter((carrier) => !wanted.includes(carrier)) };
};

export const asksForAddress = (tags: readonly string[]): boolean => tags.includes('buyer:address-change');
