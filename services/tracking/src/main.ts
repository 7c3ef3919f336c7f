import { startService } from '@flotilla/service-kit';
import { tracking } from './tracking.service.js';
await startService(tracking);
