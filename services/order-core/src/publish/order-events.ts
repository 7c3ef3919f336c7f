import { publishAs } from '@flotilla/service-kit';

/**
 * Facts and instructions go out as they are stored, under the id of their order or fulfilment order. Both streams of an
 * order have the same id for now and share a partition, so that listeners hear them in the order of the log.
 */
export const orderEvents = publishAs('flotilla.order.v1', (data) => String(data['foId'] ?? data['orderId']));
