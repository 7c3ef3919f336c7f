import { throughKdniao } from '../../gateways/kdniao/kdniao.http.js';
import { manifest } from './manifest.js';

/** YTO Express through kdniao. */
export const yto = throughKdniao(manifest, 'YTO');
