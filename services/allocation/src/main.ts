import { startService } from '@flotilla/service-kit';
import { allocationService } from './allocation.service.js';
await startService(allocationService);
