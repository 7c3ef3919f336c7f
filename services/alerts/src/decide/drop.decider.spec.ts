import { describe, expect, it } from '@jest/globals';
import { MemoryUnit, specify } from '@flotilla/testing';
import { addLine, changeWebhook, closeFile, filesOf, hookTypes, queueFor, queueId } from '../coordinate/hooking.js';
import { drop, lineOf, mostLines, mostSize, type DropEvent } from './drop.decider.js';
import { hookQueue, type Delivery, type Line } from './hook-queue.decider.js';

const at = '2026-11-30T08:00:00.000Z';
const inSeconds = (seconds: number): string => new Date(Date.parse(at) + seconds * 1_000).toISOString();
const webhookId = 'b3b1d8a6-8f1c-5f0e-9a77-1d5f3b2c4e60';
const add = (position: number, now = at, size = 100) => ({ type: 'Add', data: { webhookId, position, size, now, everySeconds: 60 } }) as const;
const added = (position: number, dueAt = '', size = 100): DropEvent => ({ type: 'LineAdded', data: { webhookId, position, size, dueAt } });
const close = (now: string) => ({ type: 'Close', data: { webhookId, now } }) as const;
const closed = (name: string, lines: number, now: string): DropEvent => ({ type: 'FileClosed', data: { webhookId, name, lines, at: now } });

describe('OPS-09: the file that is being filled', () => {
  const { given } = specify(drop);

  it('OPS-09: its first line says when it ends, those after it do not', () => {
    given().when(add(7)).then(added(7, inSeconds(60)));
    given(added(7, inSeconds(60))).when(add(9, inSeconds(5))).then(added(9));
  });
  it('OPS-09: it is closed when its time is over, by the place of its first line and how many there are, and the next one begins', () => {
    given(added(7, inSeconds(60)), added(9)).when(close(inSeconds(59))).thenNothing();
    given(added(7, inSeconds(60)), added(9)).when(close(inSeconds(60))).then(closed('flotilla-0000000000000007-2.ndjson', 2, inSeconds(60)));
    given(added(7, inSeconds(60)), closed('flotilla-0000000000000007-1.ndjson', 1, inSeconds(60))).when(close(inSeconds(61))).thenNothing();
    given(added(7, inSeconds(60)), closed('flotilla-0000000000000007-1.ndjson', 1, inSeconds(60))).when(add(12, inSeconds(90))).then(added(12, inSeconds(150)));
  });
  it('OPS-09: it is closed before that when it is full, by lines or by size', () => {
    const lines = Array.from({ length: mostLines }, (_, n) => added(n + 1, n === 0 ? inSeconds(60) : ''));
    given(...lines.slice(0, -1)).when(close(at)).thenNothing();
    given(...lines).when(close(at)).then(closed('flotilla-0000000000000001-1000.ndjson', 1_000, at));
    given(added(7, inSeconds(60), mostSize - 1)).when(close(at)).thenNothing();
    given(added(7, inSeconds(60), mostSize)).when(close(at)).then(closed('flotilla-0000000000000007-1.ndjson', 1, at));
  });
});

describe('OPS-09: an event on its way into a file', () => {
  const by = { webhookId, by: 'finance', at };
  const wanted = { url: 'sftp://books@files.example.org/in', sftp: { hostKey: 'A'.repeat(43), everySeconds: 60 }, description: 'books', types: ['flotilla.order.v1.OrderPaid'], channels: [] };
  const world = () => {
    const unit = new MemoryUnit();
    changeWebhook(unit, { type: 'Create', data: { ...by, ...wanted, sealed: 's', known: hookTypes, faults: [] } }, at);
    const hear = (key: string, n: number): void => queueFor(unit, { source: { stream: `order-${key}`, version: n, id: `${key}.${n}` }, key, type: 'flotilla.order.v1.OrderPaid', time: at, data: { orderId: key, n } }, (value) => value, at);
    return { unit, hear, files: () => unit.state(hookQueue, filesOf(webhookId)).waiting };
  };

  it('OPS-09: is written down in the queue of its key, where nothing is due for it', () => {
    const { unit, hear } = world();
    hear('o-1', 1);
    expect(unit.of<Line>('LineWritten')).toMatchObject([{ webhookId, key: 'o-1', data: { orderId: 'o-1', n: 1 } }]);
    expect(unit.state(hookQueue, queueId(webhookId, 'o-1'))).toMatchObject({ waiting: [], status: 'idle' });
  });
  it('OPS-09: the files of all keys are one queue, the first one is due at once, and each knows where its lines are', () => {
    const { unit, hear, files } = world();
    for (const [n, key] of ['o-1', 'o-2', 'o-1'].entries()) hear(key, n);
    const lines = unit.of<Line>('LineWritten');
    lines.slice(0, 2).forEach((line, n) => addLine(unit, { position: 10 + n, line }, at));
    closeFile(unit, webhookId, inSeconds(59));
    expect(files()).toEqual([]);
    closeFile(unit, webhookId, inSeconds(60));
    // A timer that nobody set is no file that never ends: the next line ends it.
    addLine(unit, { position: 12, line: lines[2]! }, inSeconds(70));
    closeFile(unit, webhookId, inSeconds(130));
    expect(files()).toMatchObject([{ key: 'flotilla-0000000000000010-2.ndjson', type: 'file', round: 1, data: { closed: 3, lines: 2 } }, { key: 'flotilla-0000000000000012-1.ndjson', data: { closed: 5, lines: 1 } }]);
    expect(new Set(files().map(({ deliveryId }) => deliveryId)).size).toBe(2);
    expect(unit.of<Delivery>('DeliveryDue')).toMatchObject([{ deliveryId: files()[0]!.deliveryId, attempt: 1 }]);
  });
  it('OPS-09: a line that comes when the time is over ends the file', () => {
    const { unit, hear, files } = world();
    hear('o-1', 1);
    const [line] = unit.of<Line>('LineWritten');
    addLine(unit, { position: 10, line: line! }, at);
    addLine(unit, { position: 11, line: line! }, inSeconds(61));
    expect(files()).toMatchObject([{ key: 'flotilla-0000000000000010-2.ndjson' }]);
  });
  it('OPS-09: goes nowhere where its webhook was deleted meanwhile; of one that is disabled the file stands in the list', () => {
    const { unit, hear, files } = world();
    hear('o-1', 1);
    const [line] = unit.of<Line>('LineWritten');
    changeWebhook(unit, { type: 'Disable', data: by }, at);
    hear('o-1', 2);
    expect(unit.of('LineWritten')).toHaveLength(1);
    addLine(unit, { position: 10, line: line! }, at);
    changeWebhook(unit, { type: 'Delete', data: by }, at);
    addLine(unit, { position: 11, line: line! }, at);
    closeFile(unit, webhookId, inSeconds(60));
    expect(files()).toMatchObject([{ key: 'flotilla-0000000000000010-1.ndjson' }]);
  });
  it('OPS-09: a line is what a webhook is sent, with its id', () =>
    expect(lineOf({ deliveryId: 'd-1', webhookId, key: 'o-1', type: 'flotilla.order.v1.OrderPaid', at, data: { orderId: 'o-1' } })).toBe(`{"id":"d-1","type":"flotilla.order.v1.OrderPaid","timestamp":"${at}","data":{"orderId":"o-1"}}\n`));
});
