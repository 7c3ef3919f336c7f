/** What happens to an order on its way: one role each. */
export const ROLES = {
  plain: { percent: 0, outcome: 'completes', tells: 'announced once' },
  'repeat-same-id': { percent: 4, outcome: 'completes', tells: 'the same webhook again, same id' },
  'repeat-new-id': { percent: 4, outcome: 'completes', tells: 'the same body again under a new webhook id' },
  'both-ways': { percent: 6, outcome: 'completes', tells: 'by webhook and by topic' },
  'topic-only': { percent: 3, outcome: 'completes', tells: 'by topic alone' },
  'paid-before-create': { percent: 3, outcome: 'completes', tells: 'orders/paid overtakes orders/create' },
  'updated-before-create': { percent: 2, outcome: 'completes', tells: 'orders/updated overtakes orders/create' },
  'stale-update': { percent: 3, outcome: 'completes', tells: 'an older update arrives after a newer one' },
  'address-amended': { percent: 4, outcome: 'completes', tells: 'the buyer corrects the address shortly after' },
  'paid-later': { percent: 4, outcome: 'completes', tells: 'unpaid at first' },
  'never-paid': { percent: 2.4, outcome: 'cancelled', tells: 'unpaid for ever: we cancel' },
  'cancel-before-create': { percent: 1, outcome: 'cancelled', tells: 'orders/cancelled overtakes orders/create' },
  'cancel-with-create': { percent: 1.2, outcome: 'cancelled', tells: 'cancelled in the moment of its creation' },
  'cancel-after-payment': { percent: 1.2, outcome: 'cancelled', tells: 'paid and cancelled at once' },
  'cancel-on-allocated': { percent: 1, outcome: 'cancelled', tells: 'the driver cancels when stock is allocated' },
  'cancel-on-waybilled': { percent: 1.6, outcome: 'cancelled', tells: 'the driver cancels when the waybill is there' },
  'cancel-on-shipped': { percent: 0.8, outcome: 'completes', tells: 'the driver cancels when it has left: too late' },
  'refund-line': { percent: 2, outcome: 'completes', tells: 'one unit of a line is refunded' },
  forged: { percent: 1, outcome: 'completes', tells: 'a forged webhook first, then the true one' },
  'short-stock': { percent: 2.4, outcome: 'backordered', tells: 'more than there is; served when stock comes' },
  'bad-truncated': { percent: 0.6, outcome: 'parked', tells: 'the body breaks off' },
  'bad-lines': { percent: 0.6, outcome: 'parked', tells: 'no line items' },
  'bad-currency': { percent: 0.6, outcome: 'parked', tells: 'a currency that does not exist' },
  'bad-quantity': { percent: 0.6, outcome: 'parked', tells: 'a negative quantity' },
  'bad-amount': { percent: 0.6, outcome: 'parked', tells: 'amounts that are no numbers' },
  'bad-address': { percent: 0.6, outcome: 'parked', tells: 'no address at all' },
  'bad-topic': { percent: 0.4, outcome: 'parked', tells: 'a bad order by topic' },
  unreachable: { percent: 0.4, outcome: 'held', tells: 'an address that the carrier refuses' },
  'settles-short': { percent: 0.6, outcome: 'completes', tells: 'the payout is 1.3 % short' },
  'settles-over': { percent: 0.4, outcome: 'completes', tells: 'the payout is 0.9 % over' },
} as const;

/** The same of orders that come by other ways: WooCommerce sends and is asked, Taobao is asked, files are uploaded, a shop without an adapter sends. `calm`: also without weather. */
export const WAY_ROLES = {
  'woo-webhook': { percent: 8, outcome: 'completes', platform: 'woocommerce', calm: true, tells: 'sent by webhook, and found once more by whoever asks' },
  'woo-quiet': { percent: 3, outcome: 'completes', platform: 'woocommerce', calm: true, tells: 'its webhook is lost: only whoever asks finds it' },
  'woo-forged': { percent: 0.6, outcome: 'completes', platform: 'woocommerce', calm: false, tells: 'a forged webhook first, then the true one' },
  'woo-overtaken': { percent: 1, outcome: 'completes', platform: 'woocommerce', calm: false, tells: 'order.updated overtakes order.created' },
  'woo-cancelled': { percent: 1, outcome: 'cancelled', platform: 'woocommerce', calm: false, tells: 'cancelled and paid back shortly after' },
  'woo-refund': { percent: 0.8, outcome: 'completes', platform: 'woocommerce', calm: false, tells: 'one unit of a line is refunded' },
  'woo-unmapped': { percent: 1.6, outcome: 'completes', platform: 'woocommerce', calm: false, tells: 'a SKU that nobody has mapped yet: it waits' },
  'taobao-trade': { percent: 9, outcome: 'completes', platform: 'taobao', calm: true, tells: 'asked for; its recipient is masked' },
  'taobao-cancelled': { percent: 0.8, outcome: 'cancelled', platform: 'taobao', calm: false, tells: 'never paid, closed by Taobao' },
  'taobao-refund': { percent: 0.8, outcome: 'completes', platform: 'taobao', calm: false, tells: 'a line is paid back and closed' },
  'taobao-spoilt': { percent: 0.6, outcome: 'parked', platform: 'taobao', calm: false, tells: 'its payment is no number' },
  'file-csv': { percent: 4, outcome: 'completes', platform: 'csv', calm: true, tells: 'in a CSV file' },
  'file-xlsx': { percent: 3, outcome: 'completes', platform: 'csv', calm: true, tells: 'in a workbook' },
  'file-again': { percent: 1, outcome: 'completes', platform: 'csv', calm: false, tells: 'in a CSV file and in a workbook' },
  'file-bad': { percent: 0.8, outcome: 'parked', platform: 'csv', calm: false, tells: 'a cell of its row makes no sense' },
  'live-order': { percent: 5, outcome: 'completes', platform: 'generic', calm: true, tells: 'a webhook that is understood by a mapping' },
  'live-again': { percent: 1, outcome: 'completes', platform: 'generic', calm: false, tells: 'the same webhook again, under its id and under another' },
  'live-bad': { percent: 0.6, outcome: 'parked', platform: 'generic', calm: false, tells: 'a negative quantity' },
} as const;

export type WayRole = keyof typeof WAY_ROLES;
export type Role = keyof typeof ROLES | WayRole;
export type Outcome = (typeof ROLES)[keyof typeof ROLES]['outcome'];
export const isWayRole = (role: Role): role is WayRole => role in WAY_ROLES;
export type Mix = Partial<Record<Role, number>>;

/** Below this, percentages would mean nothing; then only the commonest roles occur. */
const ENOUGH = 100;

/** How many orders of each role: shares of `orders`, at least one of every role from 100 orders on. The rest is plain. */
export function quotas(orders: number, options: { weather: boolean; mix?: Mix; without?: readonly Role[]; ways?: boolean }): Map<Role, number> {
  const counts = new Map<Role, number>();
  let left = orders;
  const ofShopify = (Object.keys(ROLES) as (keyof typeof ROLES)[]).filter((role) => role !== 'plain' && options.weather);
  const ofOthers = (Object.keys(WAY_ROLES) as WayRole[]).filter((role) => options.ways === true && (options.weather || WAY_ROLES[role].calm));
  for (const role of [...ofShopify, ...ofOthers]) {
    if (options.without?.includes(role) === true) continue;
    const percent = options.mix?.[role] ?? (isWayRole(role) ? WAY_ROLES[role].percent : ROLES[role].percent);
    const share = (orders * percent) / 100;
    const count = Math.min(left, percent > 0 && orders >= ENOUGH ? Math.max(1, Math.round(share)) : Math.round(share));
    if (count > 0) counts.set(role, count);
    left -= count;
  }
  counts.set('plain', left);
  return counts;
}
