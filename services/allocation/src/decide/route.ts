/** Routing as the saga and its simulation use it: a pure function over a snapshot. */
export type { PlanPart, Route, RoutePlan, Site, Snapshot } from './routing/snapshot.js';
export { covers, planRoute } from './routing/router.js';
