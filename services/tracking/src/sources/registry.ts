import { own } from './own/own.staff.js';
import { sf } from './sf/sf.http.js';
import type { Source } from './source.js';

/** Every source of scans, one folder each. */
export const sources: readonly Source[] = [sf, own];

/** Those that can be asked. */
export const pollable: readonly string[] = sources.flatMap(({ manifest }) => (manifest.batch > 0 ? [manifest.name] : []));

/** What a carrier is called; its own name if it has no folder here. */
export const carrierTitle = (carrier: string, language: 'zh' | 'en'): string => sources.find(({ manifest }) => manifest.name === carrier)?.manifest.title[language] ?? carrier.toUpperCase();
