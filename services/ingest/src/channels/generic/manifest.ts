import type { Platform } from '../platform.js';
import { readBody } from './delivery.js';
import { webhooksOf } from './signature.js';

/** Any shop that can sign a webhook: where its signature stands and what its fields mean is its channel's mapping. Nothing is written back. */
export const generic: Platform = { name: 'generic', title: 'Generic webhook', read: readBody, webhooksOf };
