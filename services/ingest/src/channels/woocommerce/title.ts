import { ownOf } from '@flotilla/values';

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', ndash: '–', mdash: '—', hellip: '…', rsquo: '’', lsquo: '‘' };

/** Names come as HTML: `Ship Your Idea &ndash; Color`. */
export const plain = (html: string): string =>
  html.replace(/<[^<>]{0,200}>/g, '').replace(/&(?:#(\d{2,6})|([a-z]{2,8}));/g, (entity, code: string | undefined, name: string | undefined) => {
    if (name !== undefined) return ownOf(entities, name) ?? entity;
    const point = Number(code);
    return point >= 32 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : entity;
  });

/** What an item is called, in orders and in the list of products alike: the SKU map may know it by that. A line of an order has the options in its name already, behind a hyphen or a dash. */
export const titleOf = (name: string, options: readonly string[] = []): string =>
  [plain(name), plain(options.join(', '))].filter((part) => part !== '').join(' - ').replace(/ [‒–—] /g, ' - ');
