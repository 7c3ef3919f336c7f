import type { Decider } from '@flotilla/decider';

export interface SubjectErased {
  readonly type: 'SubjectErased';
  readonly data: { readonly subject: string; readonly erasedAt: string; readonly by: string; readonly reason: string };
}
export interface EraseSubject {
  readonly type: 'EraseSubject';
  readonly data: SubjectErased['data'];
}

/** A person whose key was destroyed; null: nobody asked for it. It tells that it happened, and nothing of the person. */
export const subject: Decider<SubjectErased['data'] | null, EraseSubject, SubjectErased> = {
  category: 'subject',
  initial: null,
  evolve: (_, { data }) => data,
  decide: ({ data }, erased) => (erased ? [] : [{ type: 'SubjectErased', data }]),
};
