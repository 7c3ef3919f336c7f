import { createRequire } from 'node:module';

interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null | undefined;
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

// kafkajs 2.2.4 re-arms a timer of 1 ms per connection for ever, with negative delays that Node 24 warns of (kafkajs
// #1751). The fleet's own cure lies in libs/messaging, which an outsider would not have.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  const wait = this.throttledUntil - Date.now();
  if ((this.throttleCheckTimeoutId ?? null) !== null || (this.pending.length === 0 && wait <= 0)) return;
  const check = (): void => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  };
  this.throttleCheckTimeoutId = setTimeout(check, wait > 0 ? wait : 10);
};
