import { startService } from '@flotilla/service-kit';
import { participantService } from './participant.service.js';
await startService(participantService(process.env['FLOTILLA_PARTICIPANT'] ?? ''));
