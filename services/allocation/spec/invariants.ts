import { Audit } from './audit.js';
import type { MemoryStore } from './memory-store.js';

/** What a participant's log breaks of the audit's invariants, judged as a whole: of the sums only the last ones. */
export const broken = (store: MemoryStore): readonly string[] => {
  const audit = new Audit();
  audit.unit('here', store.log);
  return audit.violations.map(({ invariant, what }) => `${invariant} ${what}`);
};
