import type { allocation } from '@flotilla/contracts';

/** Where a warehouse keeps its ledger: in this database, in a participant deployed by itself, in a warehouse system outside the fleet, or in the head of a supplier that is asked for each order. */
export type Ledger = 'LOCAL' | 'REMOTE' | 'WMS' | 'SUPPLIER';

/** Of a warehouse that nobody knows it is LOCAL: then it is refused here, and not nowhere. */
export const ledgerOf = (site: Pick<allocation.Warehouse, 'ledger'> | null): Ledger => (site?.ledger === 'REMOTE' || site?.ledger === 'WMS' || site?.ledger === 'SUPPLIER' ? site.ledger : 'LOCAL');
