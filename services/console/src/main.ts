import { startGateway } from '@flotilla/service-kit';
import { consoleGateway } from './console.gateway.js';
await startGateway(consoleGateway);
