import { cloudwms } from './cloudwms/cloudwms.http.js';
import { sftp3pl } from './sftp3pl/sftp3pl.sftp.js';
import type { WmsAdapter } from './wms.js';

/** Every warehouse system, one folder each. */
export const adapters: readonly WmsAdapter[] = [cloudwms, sftp3pl];
