import { Refused } from '@flotilla/decider';
import { newKey, unwrapKey, wrapKey } from '@flotilla/values';
import type pg from 'pg';

const capacity = 20_000;
const keepMs = 30_000;

type Slot = { readonly key: Uint8Array | undefined; readonly until: number };
type Wish = { readonly subjects: readonly string[]; readonly done: () => void; readonly failed: (error: unknown) => void };

/**
 * The buyers' data keys, stored under the key-encryption key alone. Whoever erases a key erases the person: nothing sealed
 * with it opens again. Kept in memory for 30 s, so that an erasure elsewhere takes effect.
 */
export class SubjectKeyRing {
  private readonly cache = new Map<string, Slot>();
  private wishes: Wish[] = [];
  private busy = false;

  constructor(
    private readonly pool: pg.Pool,
    private readonly kek: Uint8Array,
  ) {}

  /** Keys to seal with; made where they are missing, in one statement for all who ask at the moment. Refused SUBJECT_ERASED. */
  async ensure(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const wanted = [...new Set(subjects)];
    const missing = wanted.filter((subject) => !this.fresh(subject));
    if (missing.length > 0) await new Promise<void>((done, failed) => this.wish({ subjects: missing, done, failed }));
    return new Map(
      wanted.map((subject) => {
        const key = this.cache.get(subject)?.key;
        if (key === undefined) throw new Refused('SUBJECT_ERASED', 'this person’s data was erased; nothing can be added to it');
        return [subject, key];
      }),
    );
  }

  /** Keys to open with; `undefined` for one that was erased or never was. */
  async find(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    const wanted = [...new Set(subjects)].filter((subject) => uuid.test(subject));
    const missing = wanted.filter((subject) => !this.fresh(subject));
    const found = new Map<string, Uint8Array | undefined>(wanted.map((subject) => [subject, this.cache.get(subject)?.key]));
    if (missing.length > 0) for (const [subject, key] of await this.read(missing)) found.set(subject, key);
    return found;
  }

  /** Destroys a key, for good. Whether the person was ever known; a repeat is one more yes. Others forget it within 30 s. */
  async erase(subject: string): Promise<boolean> {
    const { rowCount } = await this.pool.query('UPDATE keys.subject_key SET wrapped = NULL, erased_at = coalesce(erased_at, now()) WHERE subject = $1', [subject]);
    this.cache.delete(subject);
    return rowCount === 1;
  }

  private fresh(subject: string): boolean {
    const slot = this.cache.get(subject);
    return slot !== undefined && slot.key !== undefined && slot.until > Date.now();
  }

  private wish(wish: Wish): void {
    this.wishes.push(wish);
    if (!this.busy) void this.grant();
  }

  // One statement at a time: what is asked for meanwhile goes with the next one.
  private async grant(): Promise<void> {
    this.busy = true;
    while (this.wishes.length > 0) {
      const wishes = this.wishes;
      this.wishes = [];
      try {
        await this.make([...new Set(wishes.flatMap(({ subjects }) => subjects))]);
        for (const { done } of wishes) done();
      } catch (error) {
        for (const { failed } of wishes) failed(error);
      }
    }
    this.busy = false;
  }

  private async make(subjects: readonly string[]): Promise<void> {
    if (this.cache.size > capacity) this.cache.clear();
    const keys = new Map(subjects.map((subject) => [subject, newKey()]));
    // The commit need not wait for the disk: nothing is sealed durably before the append that follows, whose flush
    // covers this record too, since both stand in the same write-ahead log.
    const { rows } = await this.pool.query<{ subject: string }>({
      name: 'keys-make',
      text: `WITH off AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS value)
             INSERT INTO keys.subject_key (subject, wrapped)
             SELECT wanted.subject, wanted.wrapped FROM off, unnest($1::uuid[], $2::bytea[]) AS wanted (subject, wrapped) WHERE off.value = 'off'
             ON CONFLICT (subject) DO NOTHING RETURNING subject`,
      values: [subjects, subjects.map((subject) => Buffer.from(wrapKey(this.kek, subject, keys.get(subject)!)))],
    });
    const until = Date.now() + keepMs;
    const made = new Set(rows.map(({ subject }) => subject));
    for (const subject of made) this.cache.set(subject, { key: keys.get(subject), until });
    const known = subjects.filter((subject) => !made.has(subject));
    if (known.length > 0) await this.read(known);
  }

  private async read(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    const { rows } = await this.pool.query<{ subject: string; wrapped: Buffer | null }>({
      name: 'keys-read',
      text: 'SELECT subject, wrapped FROM keys.subject_key WHERE subject = ANY ($1::uuid[])',
      values: [subjects],
    });
    const until = Date.now() + keepMs;
    const found = rows.map(({ subject, wrapped }): [string, Uint8Array | undefined] => [subject, wrapped === null ? undefined : unwrapKey(this.kek, subject, wrapped.toString())]);
    for (const [subject, key] of found) this.cache.set(subject, { key, until });
    return new Map(found);
  }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
