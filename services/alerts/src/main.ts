import { startService } from '@flotilla/service-kit';
import { alerts } from './alerts.service.js';
await startService(alerts);
