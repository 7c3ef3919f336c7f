/*
 * An inbound and the shelves that it concerns, as one unit.
 *
 * the inbound          the shelf it comes to     the shelf it leaves (a transfer)
 * InboundAnnounced     AnnounceStock             DispatchStock, what is new of it
 * InboundReceived      ReceiveStock              –
 * InboundClosed        EndInbound                –
 * TransferRequested    –                         –
 * TransferShipped      AnnounceStock             DispatchStock
 * TransferCancelled    –                         –
 */
import { Refused, type AnyDecider } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { inbound, type InboundCommand, type InboundState } from '../decide/inbound.decider.js';
import type { InboundEvent } from '../decide/inbound.events.js';
import { stockId } from '../decide/names.js';
import { sku as article } from '../decide/sku.decider.js';
import { stock, type StockCommand } from '../decide/stock.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';

/** The streams that this will touch: `known` is the inbound as it was just read. Two hundred lines that came one by one would be two hundred questions. */
export const streamsOfInbound = (command: InboundCommand, known: InboundState): readonly (readonly [AnyDecider, string])[] => {
  const { inbound: id } = command.data;
  const described = orders(command);
  const { warehouse: to, fromWarehouse: from } = described ?? known ?? { warehouse: '', fromWarehouse: '' };
  const sites = [to, from].filter((site) => site !== '');
  const skus = [...new Set([...(known?.lines ?? []), ...(described?.lines ?? [])].map(({ sku }) => sku))];
  // Of a transfer both shelves move when it leaves, and the one that it comes to afterwards.
  const moved = command.type === 'RequestTransfer' || command.type === 'CancelTransfer' ? [] : command.type === 'AnnounceInbound' || command.type === 'ShipTransfer' ? sites : sites.slice(0, 1);
  return [
    [inbound, id],
    ...(described ? [...sites.map((site) => [warehouse, site] as const), ...described.lines.map(({ sku }) => [article, sku] as const)] : []),
    ...moved.flatMap((site) => skus.map((sku) => [stock, stockId(site, sku)] as const)),
  ];
};

/** Moves an inbound and its shelves. Answers whether anything changed. */
export const moveInbound = (unit: Unit, command: InboundCommand): boolean => {
  const before = unit.state(inbound, command.data.inbound);
  const described = orders(command);
  if (described) {
    const { warehouse: to, fromWarehouse: from, lines } = described;
    for (const site of [to, ...(from === '' ? [] : [from])]) if (unit.state(warehouse, site) === null) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${site}"; import it with Warehouses/Import`);
    for (const { sku } of lines) if (unit.state(article, sku) === null) throw new Refused('UNKNOWN_SKU', `"${sku}" is not in the catalogue; import it with Catalogue/Import`);
  }
  const events = unit.run(inbound, command.data.inbound, command);
  let state = before;
  for (const event of events) {
    for (const movement of movements(state, event)) unit.run(stock, stockId(movement.data.warehouse, movement.data.sku), movement);
    state = inbound.evolve(state, event);
  }
  return events.length > 0;
};

/** Which goods between which places, if the command says so. */
export const orders = (command: InboundCommand): Extract<InboundCommand, { type: 'AnnounceInbound' | 'RequestTransfer' }>['data'] | null => (command.type === 'AnnounceInbound' || command.type === 'RequestTransfer' ? command.data : null);

const movements = (before: InboundState, { type, data }: InboundEvent): readonly StockCommand[] => {
  const { inbound: id, kind, warehouse: site, fromWarehouse, expectedAt } = data;
  switch (type) {
    case 'TransferRequested':
    case 'TransferCancelled':
      return [];
    case 'InboundAnnounced':
    case 'TransferShipped':
      return data.lines.flatMap(({ sku, announced }): readonly StockCommand[] => {
        const more = announced - (before?.lines.find((line) => line.sku === sku)?.announced ?? 0);
        return [
          { type: 'AnnounceStock', data: { warehouse: site, sku, inbound: id, kind, fromWarehouse, quantity: announced, expectedAt } },
          ...(kind === 'TRANSFER' ? [{ type: 'DispatchStock', data: { warehouse: fromWarehouse, sku, inbound: id, toWarehouse: site, quantity: more } } as const] : []),
        ];
      });
    case 'InboundReceived':
      return data.received.map(({ sku, quantity, unsellable, cause }): StockCommand => ({ type: 'ReceiveStock', data: { warehouse: site, sku, inbound: id, quantity, unsellable, reason: cause } }));
    case 'InboundClosed':
      return data.lines.map(({ sku }): StockCommand => ({ type: 'EndInbound', data: { warehouse: site, sku, inbound: id, reason: data.reason } }));
  }
};
