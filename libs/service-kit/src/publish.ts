import { topicOf, type MessageName } from '@flotilla/contracts';
import type { Recorded } from '@flotilla/event-store';
import type { Published } from '@flotilla/messaging';

/**
 * The usual mapping: a stored event whose name is a published message of `package_` (flotilla.order.v1) goes out as it is
 * stored, under the key that `keyOf` takes from its data; every other event stays inside.
 */
export const publishAs =
  (package_: string, keyOf: (data: Record<string, unknown>, event: Recorded) => string) =>
  (event: Recorded): readonly Published[] => {
    const type = `${package_}.${event.type}` as MessageName;
    const topic = topicOf(type);
    if (!topic) return [];
    const data = event.data as Record<string, unknown>;
    return [{ topic, key: keyOf(data, event), type, data }];
  };
