/** What whoever packs has to know of the tags that ingest's rules give by themselves; "" = it is for others: routing, the courier, the desk. */
const words: Readonly<Record<string, string>> = {
  'buyer:packaging': '包装要牢 pack it with care',
  'buyer:eco': '环保包装 little or no plastic',
  'buyer:discreet': '保密发货 nothing outside says what is in it',
  'buyer:no-price': '不放价格单 no prices in the parcel',
  'buyer:gift-card': '附贺卡 with a card',
  'buyer:invoice': '', 'buyer:workday': '', 'buyer:weekend': '', 'buyer:delivery-time': '', 'buyer:urgent': '', 'buyer:address-change': '', 'buyer:no-call': '', 'buyer:leave': '', 'buyer:call-first': '',
};

/** For the packing slip. A tag of the merchant's own rules stands as it is called: nobody else knows what it means. */
export const packingWishes = (tags: readonly string[]): readonly string[] =>
  tags.filter((tag) => tag.startsWith('buyer:') && !/^buyer:(?:carrier|not):/.test(tag)).map((tag) => (Object.hasOwn(words, tag) ? words[tag]! : tag.slice('buyer:'.length))).filter((text) => text !== '');
