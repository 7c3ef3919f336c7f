import { throughKdniao } from '../../gateways/kdniao/kdniao.http.js';
import { manifest } from './manifest.js';

/** ZTO Express through kdniao. */
export const zto = throughKdniao(manifest, 'ZTO');
