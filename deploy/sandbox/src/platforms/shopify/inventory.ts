import type { Product } from '../../orders/catalogue.js';
import { bigId } from '../../random.js';

/** A variant and what of it is in stock at the shop's one place that serves online orders. */
export interface Variant {
  sku: string;
  title: string;
  barcode: string;
  tracked: boolean;
  /** null: the place does not stock it. */
  available: number | null;
  readonly productId: string;
  readonly variantId: string;
  readonly itemId: string;
}

/** One level that was set by the API. */
export interface LevelSet {
  at: string;
  sku: string;
  from: number;
  to: number;
  reference: string;
}

export const PLACE = 'gid://shopify/Location/24826418';
export const CLOSED_PLACE = 'gid://shopify/Location/24826417';

/** What a shop lists, and its stock. */
export class Inventory {
  readonly variants: Variant[] = [];
  readonly sets: LevelSet[] = [];
  readonly #byItem = new Map<string, Variant>();
  /** Ids are never given twice, whatever was taken off. */
  #listed = 0;

  constructor(private readonly channel: string, catalogue: readonly Product[]) {
    for (const { sku, titleEn } of catalogue) this.list({ sku, title: titleEn });
  }

  list({ sku, title, tracked = true, stocked = true }: { sku: string; title: string; tracked?: boolean | undefined; stocked?: boolean | undefined }): Variant {
    const number = (this.#listed += 1);
    const id = (kind: string): string => bigId(kind, this.channel, number);
    const variant: Variant = {
      sku, title, barcode: '', tracked, available: stocked ? 0 : null,
      productId: `gid://shopify/Product/${id('product')}`, variantId: `gid://shopify/ProductVariant/${id('variant')}`, itemId: `gid://shopify/InventoryItem/${id('inventory-item')}`,
    };
    this.variants.push(variant);
    this.#byItem.set(variant.itemId, variant);
    return variant;
  }

  unlist(sku: string): boolean {
    const index = this.variants.findIndex((variant) => variant.sku === sku);
    if (index < 0) return false;
    const [gone] = this.variants.splice(index, 1);
    return this.#byItem.delete(gone!.itemId);
  }

  item(id: string): Variant | undefined {
    return this.#byItem.get(id);
  }

  /** A sale takes from what is there, and from nothing, too. */
  sell(sku: string, quantity: number): void {
    for (const variant of this.variants) if (variant.sku === sku && variant.tracked && variant.available !== null) variant.available -= quantity;
  }

  set(variant: Variant, to: number, reference: string): void {
    this.sets.push({ at: new Date().toISOString(), sku: variant.sku, from: variant.available ?? 0, to, reference });
    variant.available = to;
  }
}
