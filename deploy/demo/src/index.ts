// The people of the demo, for others who need somebody to work in a fleet.
export { createBuyers, createDesk } from './desk.ts';
export { createClerk } from './finance.ts';
export { callFleet, pages, patiently, type FleetClients } from './fleet.ts';
export { inLanes, workTheFloor } from './floor.ts';
export { clockRate, demoEnv, leaseSeconds, startTestFleet, type TestFleet } from './harness.ts';
export { importSeed, shortStock } from './seed.ts';
export { sail, type Voyage } from './voyage.ts';
export { callWorld, type PlanEntry, type World } from './world.ts';
