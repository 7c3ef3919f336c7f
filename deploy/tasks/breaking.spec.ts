import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { root } from './paths.ts';
import { released } from './tools.ts';

const buf = (cwd: string, ...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'node_modules/@bufbuild/buf/bin/buf'), ...args], { cwd });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
    child.once('close', (code) => resolve({ code, said }));
  });

describe('the gate of the contracts', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'flotilla-proto-'));
    cpSync(join(root, 'buf.yaml'), join(dir, 'buf.yaml'));
    cpSync(join(root, released), join(dir, 'last.binpb'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** What the gate says of the contracts with this change in one of their files. */
  const changed = async (file: string, from: string | RegExp, to: string): Promise<{ readonly code: number | null; readonly said: string }> => {
    cpSync(join(root, 'proto'), join(dir, 'proto'), { recursive: true });
    const path = join(dir, 'proto/flotilla', file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(path, after);
    return buf(dir, 'breaking', '--against', 'last.binpb');
  };

  it('OPS-04: lets a new field, message and method pass', async () => {
    const asked = 'message GetStatementRequest {';
    expect(await changed('settlement/v1/settlement.proto', asked, `message NewRequest {\n  string id = 1;\n}\n\nservice NewThings {\n  rpc Get(NewRequest) returns (NewRequest);\n}\n\n${asked}\n  string new_field = 99;`)).toEqual({ code: 0, said: '' });
  });

  it.each([
    ['a field that is gone', 'order/v1/events.proto', /\n {2}string channel_order_id = \d+;[^\n]*/, '', 'channel_order_id'],
    ['a field of another number', 'alerts/v1/alerts.proto', 'string incident_id = 1;', 'string incident_id = 91;', 'incident_id'],
    ['a field of another name in JSON', 'alerts/v1/alerts.proto', 'string incident_id = 1;', 'string incident = 1;', 'json_name'],
    ['a field of another type', 'common/v1/common.proto', 'int64 amount = 1;', 'string amount = 1;', 'amount'],
    ['a method that is gone', 'order/v1/orders.proto', / {2}rpc Approve\([^\n]*\n/, '', 'Approve'],
    ['a method that answers something else', 'order/v1/orders.proto', 'rpc Approve(ApproveOrderRequest) returns (Order)', 'rpc Approve(ApproveOrderRequest) returns (OrderHistory)', 'Approve'],
    ['an event that is gone', 'alerts/v1/events.proto', /message IncidentCleared \{[^}]*\}\n/, '', 'IncidentCleared'],
  ])('OPS-04: refuses %s', async (_, file, from, to, named) => {
    const { code, said } = await changed(file, from, to);
    expect(code).toBe(100);
    expect(said).toContain(named);
  });
});
