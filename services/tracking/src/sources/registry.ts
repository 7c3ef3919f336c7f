import { sf } from './sf/sf.http.js';
import type { Source } from './source.js';

/** Every source of scans, one folder each. */
export const sources: readonly Source[] = [sf];

/** What a carrier is called; its own name if it has no folder here. */
export const carrierTitle = (carrier: string, language: 'zh' | 'en'): string => sources.find(({ manifest }) => manifest.name === carrier)?.manifest.title[language] ?? carrier.toUpperCase();
