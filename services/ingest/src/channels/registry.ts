import { ownOf } from '@flotilla/values';
import { connector } from './connector/manifest.js';
import { csv } from './csv/manifest.js';
import { generic } from './generic/manifest.js';
import type { Platform } from './platform.js';
import { shopify } from './shopify/manifest.js';
import { taobao } from './taobao/manifest.js';
import { woocommerce } from './woocommerce/manifest.js';

/** Other names under which a channel may name its platform. */
const aliases: Readonly<Record<string, string>> = { topic: 'connector', woo: 'woocommerce', tmall: 'taobao' };

/** One line per platform that can be read; its folder has the same name. */
export const platforms = (openPersonal: (jwe: string) => Promise<Uint8Array>): ReadonlyMap<string, Platform> =>
  new Map([shopify, woocommerce, taobao, connector(openPersonal), csv, generic].map((platform) => [platform.name, platform]));

/** `topic` and `woo` are short for `connector` and `woocommerce`; Tmall is asked as Taobao is. */
export const platformName = (name: string): string => ownOf(aliases, name) ?? name;
