import { allocation as api } from '@flotilla/contracts';
import { Refused, streamOf } from '@flotilla/decider';
import { upcast } from '@flotilla/event-store';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { allocation } from '../decide/allocation.decider.js';
import type { AllocationEvent } from '../decide/allocation.events.js';
import { explain, toAllocation } from './explain.js';

/** Allocations as the log has them now. */
export const allocationsGrpc = ({ store }: Pick<ServiceContext, 'store'>): Served => {
  const none = (foId: string): Refused => new Refused('NOT_FOUND', `no allocation was ever requested for fulfilment order "${foId}"`);
  const isId = (foId: string): boolean => /^[\x21-\x7e]{1,100}$/.test(foId);
  return serve(api.Allocations, {
    get: async ({ foId }) => {
      const found = isId(foId) ? (await store.folded(allocation, [foId])).get(foId) : undefined;
      if (!found || found.version === 0) throw none(foId);
      return toAllocation(foId, found.state);
    },
    explain: async ({ foId }) => {
      const events = isId(foId) ? await store.read(streamOf(allocation, foId)) : [];
      if (events.length === 0) throw none(foId);
      return explain(foId, events.map(({ type, schemaVersion, data }) => ({ type, data: upcast(allocation, type, schemaVersion, data).data }) as AllocationEvent));
    },
  });
};
