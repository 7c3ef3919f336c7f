import { parseArgs } from 'node:util';
import { Stop } from '@flotilla/tasks';

export interface Args {
  /** Of faults under load; starting, coming to rest and checking come on top. */
  readonly minutes: number;
  readonly seed: number;
  /** Orders a second. */
  readonly rate: number;
  readonly ports: 'dev' | 'free';
  readonly json: string | undefined;
}

export const usage = `npm run chaos -- [options]
  Starts a fleet with two replicas of each service, puts it under load, kills, stops, cuts off and starves its processes at
  random, heals it, waits until it has come to rest, and recomputes every invariant. Ends with 1 if one is broken; from 10
  minutes on also if a kind of fault or a branch of the saga did not occur.
  --minutes M   of faults (10)
  --seed S      which faults, when, on whom (7)
  --rate R      orders a second (2)
  --free-ports  any free ports instead of 8101 and up, so that two fleets fit on a machine
  --json FILE   write the report there, too`;

/** Reads the command line; a wrong one is a sentence, not a stack. */
export const readArgs = (argv: readonly string[]): Args | 'help' => {
  const options = { minutes: { type: 'string' }, seed: { type: 'string' }, rate: { type: 'string' }, 'free-ports': { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  let values;
  try {
    values = parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help) return 'help';
  const number = (name: 'minutes' | 'seed' | 'rate', otherwise: number, least: number, most: number): number => {
    const text = values[name];
    const value = text === undefined ? otherwise : Number(text);
    if (!Number.isFinite(value) || value < least || value > most || (name === 'seed' && !Number.isInteger(value))) throw new Stop(`--${name} ${text} is not a number from ${least} to ${most}.`);
    return value;
  };
  return { minutes: number('minutes', 10, 0.2, 1_440), seed: number('seed', 7, 0, 2 ** 32 - 1), rate: number('rate', 2, 0.1, 200), ports: values['free-ports'] ? 'free' : 'dev', json: values.json };
};
