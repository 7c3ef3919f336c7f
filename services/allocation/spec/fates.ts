import { random } from './random.js';
import type { Fate, Scenario, Weather } from './scenario.js';

/** Kinds of things that may go wrong at one message, one append, one look; timed troubles stand in the scenario. */
export type FateKind =
  | 'way' // how long each copy of a message takes: [] = it is lost
  | 'dies before append'
  | 'dies after append'
  | 'dies before send'
  | 'dies after send'
  | 'dies serving'
  | 'dies before firing'
  | 'dies after firing'
  | 'zombie'
  | 'stale figures';

/** Drawn from the weather, and kept if asked; or exactly those that are given, so that single ones can be left out. */
export class Fates {
  readonly drawn: Fate[] = [];
  readonly #chance: () => number;
  readonly #weather: Weather;
  readonly #given: ReadonlyMap<string, readonly number[]> | undefined;
  readonly #keeps: boolean;
  readonly #times = new Map<string, number>();
  #healed = false;

  constructor({ seed, weather, fates }: Scenario, keeps: boolean) {
    this.#chance = random(Math.imul(seed, 0x85ebca6b) ^ 0x27d4eb2f);
    this.#weather = weather;
    this.#given = fates && new Map(fates.map(({ name, ms }) => [name, ms]));
    this.#keeps = keeps;
  }

  /** Nothing goes wrong from now on. */
  heal(): void {
    this.#healed = true;
  }

  /** When the copies of a message arrive, in ms from now. What is a fact is never lost. */
  way(name: () => string, mayBeLost: boolean): readonly number[] {
    return this.#of('way', name, () => {
      const { lose, double, late, slowestMs } = this.#weather;
      if (mayBeLost && this.#chance() < lose) return [];
      const one = (): number => 1 + Math.floor(this.#chance() * (this.#chance() < late ? slowestMs : 10));
      return this.#chance() < double ? [one(), one()] : [one()];
    }) ?? [3];
  }

  /** For how many ms a process is down that dies here; `undefined` = it lives. */
  dies(kind: Exclude<FateKind, 'way' | 'zombie' | 'stale figures'>, name: () => string): number | undefined {
    return this.#weather.die === 0 && this.#given === undefined ? undefined : this.#of(kind, name, () => (this.#chance() < this.#weather.die ? [50 + Math.floor(this.#chance() * 3_000)] : undefined))?.[0];
  }

  /** How long a replica stands still between its decision and its append. */
  zombie(name: () => string): number | undefined {
    return this.#weather.zombie === 0 && this.#given === undefined ? undefined : this.#of('zombie', name, () => (this.#chance() < this.#weather.zombie ? [5 + Math.floor(this.#chance() * this.#chance() * 15_000)] : undefined))?.[0];
  }

  /** Whether figures of earlier are planned with. */
  stale(name: () => string): boolean {
    return (this.#weather.stale > 0 || this.#given !== undefined) && this.#of('stale figures', name, () => (this.#chance() < this.#weather.stale ? [0] : undefined)) !== undefined;
  }

  #of(kind: FateKind, name: () => string, draw: () => readonly number[] | undefined): readonly number[] | undefined {
    if (this.#healed) return undefined;
    if (this.#given === undefined && !this.#keeps) return draw();
    const thing = `${kind}: ${name()}`;
    const times = (this.#times.get(thing) ?? 0) + 1;
    this.#times.set(thing, times);
    const full = times === 1 ? thing : `${thing} (${times})`;
    if (this.#given !== undefined) return this.#given.get(full);
    const ms = draw();
    if (ms !== undefined) this.drawn.push({ name: full, ms });
    return ms;
  }
}
