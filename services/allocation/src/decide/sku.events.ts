/** What the catalogue knows of an article. `grams` 0 = unknown; sizes in mm, 0 = unknown. */
export interface Article {
  readonly sku: string;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly grams: number;
  readonly lengthMm: number;
  readonly widthMm: number;
  readonly heightMm: number;
  readonly barcodes: readonly string[];
  readonly hsCode: string;
  readonly flags: readonly string[];
}

/** The article as a whole: new, or other than before. Published as SkuChanged. */
export interface ArticleDescribed {
  readonly type: 'ArticleDescribed';
  readonly data: Article;
}

export type SkuEvent = ArticleDescribed;

/** What a parcel is calculated with where the catalogue knows no weight. It is written into the item, so it is visible. */
export const DEFAULT_GRAMS = 500;

/** Volume of one unit; 0 where a side is unknown. */
export const litresOf = (article: Pick<Article, 'lengthMm' | 'widthMm' | 'heightMm'> | null): number => (article ? (article.lengthMm * article.widthMm * article.heightMm) / 1_000_000 : 0);
