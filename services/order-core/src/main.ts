import { startService } from '@flotilla/service-kit';
import { orderCore } from './order-core.service.js';
await startService(orderCore);
