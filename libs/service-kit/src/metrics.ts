import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of this process, served at /metrics. No order, SKU or person ever stands in a label. */
export const metrics = new Registry();
collectDefaultMetrics({ register: metrics });

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const histogram = (name: string, help: string, labelNames: string[]): Histogram => new Histogram({ name, help, labelNames, buckets, registers: [metrics] });
export const counter = (name: string, help: string, labelNames: string[]): Counter => new Counter({ name, help, labelNames, registers: [metrics] });

/** A gauge that is read when /metrics is. */
export const gauge = (name: string, help: string, labelNames: string[], collect: (set: (labels: Record<string, string>, value: number) => void) => void | Promise<void>): Gauge =>
  new Gauge({
    name,
    help,
    labelNames,
    registers: [metrics],
    async collect() {
      this.reset();
      await collect((labels, value) => this.set(labels, value));
    },
  });
