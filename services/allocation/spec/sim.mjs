// `npm run sim`: see sim.ts.
import './run-ts.mjs';

await import('./sim.ts');
