import type { allocation, common, order } from '@flotilla/contracts';
import { summed } from './names.js';
import { DEFAULT_GRAMS } from './sku.events.js';

/** What planning sees: plain figures at one moment. They may be behind; a warehouse's own answer decides. */
export interface Snapshot {
  readonly warehouses: readonly Site[];
  /** SKUs that are not promised to anybody at present (ALC-07). */
  readonly frozen?: readonly string[];
  /** Free units by warehouse and SKU; absent = none. */
  readonly free: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Articles by SKU; `null` = not in the catalogue. A SKU that is not named here was not looked up. */
  readonly articles: Readonly<Record<string, { readonly nameZh: string; readonly nameEn: string; readonly grams: number } | null>>;
}

/** A node that could send it. */
export interface Site extends Pick<allocation.Warehouse, 'warehouse' | 'country' | 'province' | 'city' | 'serves'> {
  readonly kind?: string;
  readonly tier?: number;
  /** What it can do; none = STANDARD and EXPRESS. */
  readonly services?: readonly string[];
  /** BULKY: takes goods with the flag "bulky". */
  readonly flags?: readonly string[];
  /** Why it takes no orders now; "" or absent = it does. */
  readonly out?: string;
  /** Half-open: it takes one order that tries it. */
  readonly probe?: boolean;
  /** Orders that it takes today still; null or absent = no limit. */
  readonly capacityLeft?: number | null;
}

/** What one warehouse is to send. */
export interface PlanPart {
  readonly warehouse: string;
  /** Summed per SKU. */
  readonly lines: readonly common.SkuQuantity[];
}

/** One way of serving the whole request: the parts together are its lines, one parcel each. */
export interface RoutePlan {
  readonly parts: readonly PlanPart[];
  readonly reason: string;
}

export interface Route {
  /** Best first; `[]` = it has to wait. */
  readonly plans: readonly RoutePlan[];
  /** Best first, then those that cannot serve (rank 0), by id. */
  readonly candidates: readonly allocation.Candidate[];
  /** What the best of the warehouses lacks, while none can serve. */
  readonly missing: readonly common.SkuQuantity[];
  readonly unknownSkus: readonly string[];
  readonly items: readonly allocation.AllocatedItem[];
}

/** Whether the snapshot was made for these lines. */
export const covers = (snapshot: Snapshot, request: order.AllocationRequested): boolean => request.lines.every(({ sku }) => Object.hasOwn(snapshot.articles, sku));

/**
 * Ranks the warehouses for a fulfilment order: all lines in stock → serves the destination first → distance class →
 * warehouse id. Pure: the same request and snapshot give the same route with the same reasons.
 */
export const planRoute = (request: order.AllocationRequested, snapshot: Snapshot): Route => {
  const lines = summed(request.lines);
  const unknownSkus = lines.map(({ sku }) => sku).filter((sku) => !snapshot.articles[sku]);
  const judged = snapshot.warehouses.map((site) => judge(site, request, lines, unknownSkus, snapshot.free[site.warehouse] ?? {}));
  const able = judged.filter(({ excluded, missing }) => !excluded && missing.length === 0).toSorted(nearer);
  const unable = judged.filter(({ excluded, missing }) => excluded || missing.length > 0).toSorted(nearer);
  return {
    plans: able.map(({ site, reason }) => ({ parts: [{ warehouse: site.warehouse, lines }], reason })),
    candidates: [...able.map((one, index) => candidate(one, index + 1)), ...unable.map((one) => candidate(one, 0))],
    missing: able.length > 0 ? [] : leastMissing(unable, lines),
    unknownSkus,
    items: lines.map(({ sku, quantity }) => {
      const article = snapshot.articles[sku];
      return { sku, name: nameOf(sku, article, request.country), quantity, grams: article?.grams || DEFAULT_GRAMS };
    }),
  };
};

interface Judged {
  readonly site: Site;
  readonly excluded: boolean;
  readonly reason: string;
  readonly missing: readonly common.SkuQuantity[];
  readonly serves: boolean;
  readonly distance: number;
  readonly figures: Readonly<Record<string, string>>;
}

const distances = ['same city', 'same province', 'same country', 'abroad'] as const;

const judge = (site: Site, request: order.AllocationRequested, lines: readonly common.SkuQuantity[], unknownSkus: readonly string[], free: Readonly<Record<string, number>>): Judged => {
  const missing = lines
    .map(({ sku, quantity }) => ({ sku, quantity: unknownSkus.includes(sku) ? quantity : Math.max(0, quantity - (free[sku] ?? 0)) }))
    .filter(({ quantity }) => quantity > 0);
  const excluded = request.excludedWarehouses.includes(site.warehouse);
  const serves = site.serves.some((area) => same(area, request.province) || same(area, request.country));
  const distance = distanceOf(site, request);
  const short = missing.map(({ sku, quantity }) => (unknownSkus.includes(sku) ? `UNKNOWN_SKU ${sku}` : `${quantity} of ${sku} short`)).join(', ');
  const reason = excluded ? 'EXCLUDED by order-core' : short ? `SHORT: ${short}` : `STOCK: all lines free; ${serves ? 'serves' : 'does not serve first'} ${request.province || request.country}; ${distances[distance]}`;
  return {
    site,
    excluded,
    reason,
    missing,
    serves,
    distance,
    figures: { distance: distances[distance]!, ...Object.fromEntries(lines.map(({ sku }) => [`free ${sku}`, String(free[sku] ?? 0)])) },
  };
};

const distanceOf = (site: Site, { country, province, city }: order.AllocationRequested): number => {
  if (!same(site.country, country)) return 3;
  if (!same(site.province, province)) return 2;
  return same(site.city, city) ? 0 : 1;
};

// 广东省 and 广东 are one province, 深圳市 and 深圳 one city.
const plainName = (name: string): string => name.trim().toLowerCase().replace(/(?:壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市)$/, '');
const same = (a: string, b: string): boolean => plainName(a) !== '' && plainName(a) === plainName(b);

const nearer = (a: Judged, b: Judged): number =>
  Number(b.serves) - Number(a.serves) || a.distance - b.distance || (a.site.warehouse < b.site.warehouse ? -1 : 1);

const candidate = ({ site, reason, figures }: Judged, rank: number): allocation.Candidate => ({ warehouse: site.warehouse, rank, reason, figures });

const leastMissing = (unable: readonly Judged[], lines: readonly common.SkuQuantity[]): readonly common.SkuQuantity[] => {
  const units = (missing: readonly common.SkuQuantity[]): number => missing.reduce((sum, { quantity }) => sum + quantity, 0);
  const [best] = unable.filter(({ excluded }) => !excluded).toSorted((a, b) => units(a.missing) - units(b.missing));
  return best?.missing ?? lines;
};

const nameOf = (sku: string, article: Snapshot['articles'][string] | undefined, country: string): string => {
  if (!article) return sku;
  const chinese = ['CN', 'HK', 'MO', 'TW'].includes(country);
  return (chinese ? article.nameZh || article.nameEn : article.nameEn || article.nameZh) || sku;
};
