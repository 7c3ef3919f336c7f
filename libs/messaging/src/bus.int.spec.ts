import { jest } from '@jest/globals';
import { busContract } from '../specs/bus-contract.js';
import { newBus } from '../specs/world.js';
import { kafkaClients } from './connect-bus.js';

jest.setTimeout(60_000);
for (const client of kafkaClients) busContract(client, (options) => newBus({ client, ...options }));
