import { describe, expect, it } from '@jest/globals';
import * as contracts from '@flotilla/contracts';
import { may, methods, owners, roles, type Role } from './methods.js';

// What no page may ask: the keys of everybody, what other systems push, and what print agents ask with keys of their own.
const nobodys = [
  'flotilla.ingest.v1.SubjectKeys/Get',
  'flotilla.allocation.v1.StockFeeds/Push',
  'flotilla.allocation.v1.StockFeeds/Reconcile',
  'flotilla.carrier.v1.Printing/Poll',
  'flotilla.carrier.v1.Printing/Fetch',
  'flotilla.ops.v1.Changes/Watch',
];
const all = contracts.files.flatMap((file) => file.services).flatMap((service) => service.methods.map(({ name }) => `${service.typeName}/${name}`));
const known = new Set([...methods.keys()].map((name) => name.replace(/^.*:/, '')));

describe('the table of methods (OPS-07)', () => {
  it('says of every method of proto/ who may ask it, but for those that are nobody’s here', () => {
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter((name) => !known.has(name)).toSorted()).toEqual(nobodys.toSorted());
  });

  it('names what every service serves with whom is asked', () => {
    const ops = [...methods.keys()].filter((name) => name.includes(':'));
    expect(new Set(ops.map((name) => name.split(':')[0]))).toEqual(new Set(owners));
    expect(methods.get('tracking:flotilla.ops.v1.Tallies/Get')).toMatchObject({ owner: 'tracking', kind: 'read' });
  });

  it('lets a viewer change nothing but what is their own', () => {
    const changes = [...methods.values()].filter((method) => method.kind === 'command' && may({ roles: ['viewer'] }, method)).map(({ name }) => name);
    expect(changes.toSorted()).toEqual(['flotilla.alerts.v1.Incidents/Ack', 'flotilla.alerts.v1.Incidents/Comment', 'flotilla.order.v1.Views/Remove', 'flotilla.order.v1.Views/Save']);
  });

  it('lets an admin ask everything that is in it, and nobody without a role anything', () => {
    expect([...methods.values()].filter((method) => !may({ roles: ['admin'] }, method))).toEqual([]);
    expect([...methods.values()].filter((method) => may({ roles: [] }, method))).toEqual([]);
    expect([...methods.values()].filter((method) => may({ roles: ['root' as Role] }, method))).toEqual([]);
  });

  it.each([
    ['flotilla.order.v1.Orders/Approve', ['operator', 'admin']],
    ['flotilla.order.v1.Orders/List', roles],
    ['flotilla.carrier.v1.Parcels/Label', ['operator', 'warehouse', 'admin']],
    ['flotilla.allocation.v1.Packing/Scan', ['operator', 'warehouse', 'admin']],
    ['flotilla.settlement.v1.Statements/Import', ['finance', 'admin']],
    ['flotilla.settlement.v1.Ledger/TrialBalance', ['finance', 'admin']],
    ['flotilla.ingest.v1.Channels/Connect', ['admin']],
    ['flotilla.ingest.v1.Quarantine/Open', ['operator', 'admin']],
    ['order-core:flotilla.ops.v1.ParkedMessages/Show', ['operator', 'admin']],
    ['order-core:flotilla.ops.v1.ParkedMessages/Replay', ['operator', 'admin']],
  ] as const)('%s is for %j', (name, expected) => {
    expect(roles.filter((role) => may({ roles: [role] }, methods.get(name)!))).toEqual(roles.filter((role) => (expected as readonly Role[]).includes(role)));
  });

  it('knows a kind of file of every method that answers bytes as its whole', () => {
    const files = [...methods.values()].filter(({ file }) => file).map(({ name }) => name);
    const streams = [...methods.values()].filter(({ desc }) => desc.methodKind === 'server_streaming' && desc.output.fields.some((field) => field.localName === 'data')).map(({ name }) => name);
    expect(files).toEqual(expect.arrayContaining(streams));
  });
});
