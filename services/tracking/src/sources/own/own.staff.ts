import { Refused } from '@flotilla/decider';
import type { Source } from '../source.js';
import { manifest } from './manifest.js';

const told = 'staff record parcels of the own fleet with Shipments/Record';

/** The own fleet and stores: nobody pushes and nobody is asked, staff say how far a parcel has come. */
export const own: Source = {
  manifest,
  config: {},
  connect: () => ({
    push: () => {
      throw new Refused('NOT_FOUND', `no source own pushes here; ${told}`);
    },
    pushAnswer: { contentType: 'text/plain', body: '' },
    poll: () => Promise.reject(new Refused('BAD_REQUEST', `own cannot be asked; ${told}`)),
  }),
};
