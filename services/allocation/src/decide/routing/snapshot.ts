import type { allocation, common } from '@flotilla/contracts';
import type { Capability } from '../suppliers/capability.js';
import type { Lanes } from './lanes.js';
import type { Model } from './learn.js';
import type { Rules } from './rules.js';

/** What planning sees: plain figures at one moment. They may be behind; a warehouse's own answer decides. */
export interface Snapshot {
  readonly warehouses: readonly Site[];
  /** Free units by warehouse and SKU; absent = none. */
  readonly free: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of these, what is kept back from orders of a lower priority; absent = nothing. */
  readonly safety?: Readonly<Record<string, Readonly<Record<string, Safety>>>>;
  /** Articles by SKU; `null` = not in the catalogue. A SKU that is not named here was not looked up. */
  readonly articles: Readonly<Record<string, ArticleView | null>>;
  /** SKUs that are not promised to anybody at present (ALC-07). */
  readonly frozen?: readonly string[];
  /** SKUs that others wait for already: the highest priority among those. A new order goes behind them (coordinate/nodes.ts). */
  readonly queued?: Readonly<Record<string, number>>;
  /** Those of them that this order goes behind. */
  readonly behind?: readonly string[];
  /** Absent = the built-in rules. */
  readonly rules?: Rules;
  /** Absent = none: distance decides. */
  readonly lanes?: Lanes;
  /** The learned router, if it is in use. */
  readonly model?: Model | null;
  /** Business date, YYYY-MM-DD, for the prices of lanes; absent = the day of the order. */
  readonly today?: string;
}

/** Units that stay on the shelf, and from which priority on an order may have them all the same; 0 = none may. */
export interface Safety {
  readonly safety: number;
  readonly safetyFrom: number;
}

export interface ArticleView {
  readonly nameZh: string;
  readonly nameEn: string;
  /** 0 = unknown. */
  readonly grams: number;
  readonly litres?: number;
  readonly flags?: readonly string[];
}

/** A node that could send it. */
export interface Site extends Pick<allocation.Warehouse, 'warehouse' | 'country' | 'province' | 'city' | 'serves'> {
  /** What people call it, for the store that a buyer chose. */
  readonly name?: string;
  /** SUPPLIER: asked after own stock. */
  readonly kind?: string;
  /** It sends the goods itself, under a number of its own. */
  readonly external?: boolean;
  /** What may be expected of a supplier; of those of a tier the highest score is asked first. */
  readonly capability?: Capability;
  /** Lower is asked first. */
  readonly tier?: number;
  /** What it can do; none or absent = STANDARD and EXPRESS. */
  readonly services?: readonly string[];
  /** BULKY: takes goods with the flag "bulky"; absent = it is not known what it takes, so it takes all. */
  readonly flags?: readonly string[];
  /** Why it takes no orders now; "" or absent = it does. */
  readonly out?: string;
  /** Half-open: it takes one order that tries it. */
  readonly probe?: boolean;
  /** Orders that it takes today still; null or absent = no limit. */
  readonly capacityLeft?: number | null;
  /** Orders that it takes a day, for its load; 0 or absent = no limit. */
  readonly dailyOrders?: number;
  /** Whose midnight ends its day, IANA; "" = Asia/Shanghai. */
  readonly timeZone?: string;
}

/** What one warehouse is to send. */
export interface PlanPart {
  readonly warehouse: string;
  /** Summed per SKU. */
  readonly lines: readonly common.SkuQuantity[];
  /** The carrier that the rules would take; "" or absent = no lane is known. */
  readonly carrier?: string;
  readonly excludedCarriers?: readonly string[];
  /** It sends the goods itself; absent = carrier buys the waybill. */
  readonly external?: boolean;
}

/** One way of serving the whole request: the parts together are its lines, one parcel each. */
export interface RoutePlan {
  readonly parts: readonly PlanPart[];
  readonly reason: string;
}

export type Router = 'RULES' | 'LEARNED';

export interface Route {
  /** Best first; `[]` = it has to wait. */
  readonly plans: readonly RoutePlan[];
  /** Best first, then those that cannot serve it alone (rank 0), by id. */
  readonly candidates: readonly allocation.Candidate[];
  /** What the best of the warehouses lacks, while there is no plan. */
  readonly missing: readonly common.SkuQuantity[];
  /** That warehouse; absent = there is a plan, or none takes the order at all. */
  readonly lackedAt?: string;
  readonly unknownSkus: readonly string[];
  readonly items: readonly allocation.AllocatedItem[];
  /** Version of the rules; 0 = built in. Absent in plans of before there were rules. */
  readonly rules?: number;
  /** The arm that the order belongs to. */
  readonly router?: Router;
  /** Version of the learned model while the routers are compared; 0 = they are not. */
  readonly model?: number;
  /** Whether learned figures took part; an order of the arm LEARNED without ground is decided by the rules' figures. */
  readonly grounded?: boolean;
}
