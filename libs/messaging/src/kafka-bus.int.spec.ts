import { jest } from '@jest/globals';
import { busContract } from '../specs/bus-contract.js';
import { newBus } from '../specs/world.js';

jest.setTimeout(60_000);
busContract('kafkajs 2.2.4, patched', (options) => newBus(options));
