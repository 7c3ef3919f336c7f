// kafkajs for tasks: quiet, since a server that is just starting makes it log errors that are none.
import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';
import type { Kafka } from 'kafkajs';

interface RequestQueue {
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  throttledUntil: number;
  pending: unknown[];
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

// As released, a timer runs every millisecond per connection for ever (and warns of negative delays).
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as { prototype: RequestQueue };
prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.throttleCheckTimeoutId) return;
  const wait = this.throttledUntil - Date.now();
  if (this.pending.length === 0 && wait <= 0) return;
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, wait > 0 ? wait : 10);
};

export function kafkaClient(brokers: string, clientId = 'flotilla-tasks'): Kafka {
  return new kafkajs.Kafka({ clientId, brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 8, initialRetryTime: 100 } });
}
