import { startService } from '@flotilla/service-kit';
import { ingest } from './ingest.service.js';

await startService(ingest);
