import { describe, expect, it } from '@jest/globals';
import { access, audienceOf, ops, order, registry, roles } from './index.js';

const methods = [...registry].flatMap((one) => (one.kind === 'service' ? one.methods.map(({ parent, name }) => `/${parent.typeName}/${name}`) : []));

describe('who may call what', () => {
  it('OPS-04, OPS-07: says it of every method in proto/, and of no other', () => {
    expect(methods.length).toBeGreaterThan(150);
    expect([...access.keys()].toSorted()).toEqual(methods.toSorted());
  });

  it('OPS-07: a viewer changes nothing but what is his own, and a service nothing at all', () => {
    const commands = (role: (typeof roles)[number]): readonly string[] => [...access].filter(([, one]) => one.kind === 'command' && one.roles.includes(role)).map(([path]) => path);
    expect(commands('viewer')).toEqual(['/flotilla.order.v1.Views/Save', '/flotilla.order.v1.Views/Remove', '/flotilla.alerts.v1.Incidents/Ack', '/flotilla.alerts.v1.Incidents/Comment']);
    expect(commands('service')).toEqual([]);
    expect(commands('admin')).toHaveLength([...access.values()].filter(({ kind }) => kind === 'command').length);
  });

  it('OPS-07: the buyers’ keys are for services alone', () => {
    expect(access.get('/flotilla.ingest.v1.SubjectKeys/Get')).toEqual({ kind: 'read', roles: ['service'] });
    expect([...access].filter(([, { roles: may }]) => may.join() === 'service').map(([path]) => path)).toEqual(['/flotilla.ingest.v1.SubjectKeys/Get']);
  });

  it('what only looks is called so', () => {
    const reading = /\/(?:Get|List|Explain|History|AsOf|Diff|Overview|Export|Quote|Sizes|Movements|Preview|Recent|Try|WhatIf|Compare|TrialBalance|Paper|Open|Count|Board|Find|Search|Lateness|Turnover|Show|Watch|Poll|Fetch)\w*$|Catalogue\/Resolve$/;
    expect([...access].filter(([path, { kind }]) => (kind === 'read') !== reading.test(path)).map(([path]) => path)).toEqual([]);
  });

  it('names the service that a token is for', () => {
    expect(audienceOf(order.Orders)).toBe('order-core');
    expect(() => audienceOf(ops.Tallies)).toThrow('say which one');
  });
});
