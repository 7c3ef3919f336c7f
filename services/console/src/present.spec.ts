import { describe, expect, it } from '@jest/globals';
import { newKey, open as openSealed, seal } from '@flotilla/values';
import { present, type Open } from './present.js';
import type { Role } from './methods.js';

const keys = new Map([['buyer-1', newKey()]]);
const sealed = (field: Parameters<typeof seal>[2], text: string, subject = 'buyer-1'): string => seal(keys.get(subject) ?? newKey(), subject, field, text);
const asked: string[] = [];
const open: Open = async (texts) => {
  asked.push(...texts);
  return texts.map((text) => openSealed((subject) => keys.get(subject), text) ?? '');
};
const as = (...roles: Role[]) => ({ user: 'ann', name: 'Ann', roles, session: 's', until: 0 });

const order = {
  orderId: 'o-1',
  shipTo: { name: sealed('name', '张三丰'), phone: sealed('phone', '+8613800138000'), street: sealed('street', '文三路 9 号'), city: '杭州市', company: '' },
  buyer: { email: sealed('email', 'maria@example.org') },
  remark: sealed('text', '请发顺丰'),
  payload: sealed('raw', '{"everything":"in clear"}'),
  history: [{ data: JSON.stringify({ name: sealed('name', 'Maria "Mia" Lopez'), quantity: 2 }) }],
  gone: sealed('name', 'Nobody', 'buyer-erased'),
  bytes: new Uint8Array([1, 2, 3]),
};

describe('what a person sees of an answer (OPS-07)', () => {
  it('an operator sees masked persons, and the remark', async () => {
    expect(await present({}, order, as('operator'), open)).toEqual({
      orderId: 'o-1',
      shipTo: { name: '张***', phone: '*** 8000', street: '***', city: '杭州市', company: '' },
      buyer: { email: 'm***@example.org' },
      remark: '请发顺丰',
      payload: '',
      history: [{ data: JSON.stringify({ name: 'M*** "*** L***', quantity: 2 }) }],
      gone: '',
      bytes: 'AQID',
    });
  });

  it('a viewer sees no remark either, and nothing more when it is revealed', async () => {
    const seen = (await present({}, order, as('viewer', 'finance'), open)) as typeof order;
    expect(seen).toMatchObject({ shipTo: { name: '张***', street: '***' }, remark: '***' });
    expect(await present({}, order, as('viewer', 'finance'), open, true)).toEqual(seen);
  });

  it('an operator who reveals sees persons in clear, also within a text, and what was erased not at all', async () => {
    const seen = (await present({}, order, as('operator'), open, true)) as typeof order;
    expect(seen).toMatchObject({ shipTo: { name: '张三丰', phone: '+8613800138000', street: '文三路 9 号' }, buyer: { email: 'maria@example.org' }, remark: '请发顺丰', payload: '', gone: '' });
    expect(JSON.parse(seen.history[0]!.data)).toEqual({ name: 'Maria "Mia" Lopez', quantity: 2 });
  });

  it('what came as a whole is never opened here', () => {
    expect(asked.some((text) => text.includes('.raw.'))).toBe(false);
  });

  it('fields in clear are hidden until they are revealed', async () => {
    const shipment = { parcelId: 'p', choices: [{ choice: 'FORWARD', address: '文三路 9 号' }, { choice: 'KEEP', address: '' }] };
    const method = { clear: ['choices.address'] };
    expect(await present(method, shipment, as('warehouse'), open)).toMatchObject({ choices: [{ address: '***' }, { address: '' }] });
    expect(await present(method, shipment, as('warehouse'), open, true)).toEqual(shipment);
    expect(await present(method, shipment, as('viewer'), open, true)).toMatchObject({ choices: [{ address: '***' }, { address: '' }] });
  });
});
