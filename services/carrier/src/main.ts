import { startService } from '@flotilla/service-kit';
import { carrier } from './carrier.service.js';

await startService(carrier);
