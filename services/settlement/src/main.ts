import { startService } from '@flotilla/service-kit';
import { settlement } from './settlement.service.js';
await startService(settlement);
