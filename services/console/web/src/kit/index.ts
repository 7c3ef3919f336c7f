/** The kit of the console's pages. */
export * from './errors.js';
export * from './format.js';
export * from './hotkeys.js';
export * from './live.js';
export * from './locale.js';
export type * from './methods.js';
export * from './page.js';
export * from './parts.js';
export * from './query.js';
export * from './rpc.js';
export * from './selection.js';
export * from './session.js';
export * from './table.js';
export * from './toast.js';
export * from './undo.js';
