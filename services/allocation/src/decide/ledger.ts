import type { allocation } from '@flotilla/contracts';

/** Where a warehouse keeps its ledger: in this database, in a participant deployed by itself, or in a warehouse system outside the fleet. */
export type Ledger = 'LOCAL' | 'REMOTE' | 'WMS';

/** Of a warehouse that nobody knows it is LOCAL: then it is refused here, and not nowhere. */
export const ledgerOf = (site: Pick<allocation.Warehouse, 'ledger'> | null): Ledger => (site?.ledger === 'REMOTE' || site?.ledger === 'WMS' ? site.ledger : 'LOCAL');
