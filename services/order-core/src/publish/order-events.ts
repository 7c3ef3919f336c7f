import { publishAs } from '@flotilla/service-kit';

/**
 * Facts and instructions go out as they are stored, under the id of their order or fulfilment order. An order and its own fulfilment
 * order have the same id and share a partition, so that listeners hear them in the order of the log; one that was split off has a key of its own.
 */
export const orderEvents = publishAs('flotilla.order.v1', (data) => String(data['part'] === undefined ? (data['foId'] ?? data['orderId']) : data['orderId']));
