import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verdict } from './report.ts';
import { setStage, type Stage } from './stage.ts';
import { storm, type Report } from './storm.ts';

const kinds = ['kill -9 order-core', 'kill -9 postgres', 'SIGSTOP allocation', 'cut connection to kafka', 'one-way connection to postgres', 'duplicated messages', 'reordered messages', 'rebalance'];

describe('a short storm', () => {
  let dir: string;
  let stage: Stage;
  let report: Report;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'flotilla-storm-'));
    chmodSync(dir, 0o755); // Postgres runs as another user where the test is root
    // Parcels arrive in seconds, so that orders come to their end in the time of a spec.
    stage = await setStage({ dir, ports: 'free', rate: 20_000, doubled: ['ingest', 'order-core', 'allocation', 'carrier'], say: () => undefined });
    report = await storm({ stage, seconds: 35, seed: 11, rate: 1.5, kinds, say: () => undefined });
  }, 600_000);
  afterAll(async () => {
    await stage?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  const broken = (): readonly string[] => report.invariants.flatMap(({ name, holds, faults }) => (holds ? [] : [`${name}: ${faults.join(', ')}`]));

  it('ING-11, ORD-05, ALC-01, ALC-02, CAR-12, SET-04: breaks no invariant, by the logs and by the topics alone', () => {
    expect(broken()).toEqual([]);
    expect(verdict(report, 1)).toEqual([]);
    expect(report.invariants.length).toBeGreaterThan(25);
  });

  it('brings every order to its end, the queue, or somebody’s desk', () => {
    const { distinct, parked, duplicates, sent, ...rest } = report.orders;
    expect(report.atRest).toBe(true);
    expect(Object.keys(rest).filter((fate) => fate.startsWith('waiting'))).toEqual([]);
    expect(distinct).toBe((parked ?? 0) + Object.values(rest).reduce((sum, count) => sum + count, 0));
    expect(sent).toBeGreaterThan(50);
    expect(duplicates).toBeGreaterThan(0);
  });

  it('ING-11, ALC-02: a replica that is taken away under load and one that is added lose and double nothing', () => {
    expect(report.kinds['rebalance']).toBeGreaterThanOrEqual(1);
    const of = (name: string): object => expect.objectContaining({ name: expect.stringContaining(name), holds: true });
    for (const name of ['4 every order that a platform sent', '4 every channel order that was understood is placed, exactly once', '5 every shipped parcel and channel order has one write-back', '6 Kafka carries', 'Kafka: every unit that left']) {
      expect(report.invariants).toContainEqual(of(name));
    }
  });

  it('went on after every fault', () => {
    expect(report.faults).toBeGreaterThanOrEqual(4);
    expect(Object.values(report.recovery).filter(({ worst, worstOrder }) => !Number.isFinite(worst) || !Number.isFinite(worstOrder))).toEqual([]);
  });
});
