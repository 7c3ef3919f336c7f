import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSink } from './otlp-sink.ts';

it('writes a line per span, with links and attributes as plain values', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-sink-'));
  const sink = await startSink({ file: join(dir, 'spans.jsonl') });
  const body = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'order-core' } }] },
        scopeSpans: [
          {
            spans: [
              {
                name: 'process order-lifecycle.ingest.v1',
                kind: 5,
                traceId: 'a1',
                spanId: 'b2',
                links: [{ traceId: 'c3', spanId: 'd4', attributes: [] }],
                attributes: [
                  { key: 'messaging.batch.message_count', value: { intValue: '3' } },
                  { key: 'ids', value: { arrayValue: { values: [{ stringValue: 'x' }, { stringValue: 'y' }] } } },
                ],
              },
            ],
          },
        ],
      },
    ],
  };
  const answer = await fetch(`${sink.endpoint}/v1/traces`, { method: 'POST', body: JSON.stringify(body) });
  const spans = await sink.spans();
  await sink.stop();
  rmSync(dir, { recursive: true, force: true });

  expect(answer.status).toBe(200);
  expect(spans).toEqual([
    {
      service: 'order-core',
      name: 'process order-lifecycle.ingest.v1',
      kind: 5,
      traceId: 'a1',
      spanId: 'b2',
      links: [{ traceId: 'c3', spanId: 'd4' }],
      attributes: { 'messaging.batch.message_count': 3, ids: ['x', 'y'] },
    },
  ]);
});
