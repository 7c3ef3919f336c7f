import type { Decider } from '@flotilla/decider';
import type { Model, Trained } from './learn.js';

export type ModelCommand = { readonly type: 'TakeModel'; readonly data: Trained & { readonly at: string } };
/** Every training is recorded with its report, also when nothing came of it that could be used. */
export type ModelEvent = { readonly type: 'RouterTrained'; readonly data: Model };

/** The id of the one stream of models, `model-router`. */
export const MODEL = 'router';

/** The learned router, training by training. */
export const model: Decider<Model | null, ModelCommand, ModelEvent> = {
  category: 'model',
  initial: null,
  evolve: (_, { data }) => data,
  decide: ({ data: { at, ...trained } }, known) => [{ type: 'RouterTrained', data: { ...trained, version: (known?.version ?? 0) + 1, trainedAt: at } }],
};
