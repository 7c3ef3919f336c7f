import type { Client, ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { open, seal, subjectOf, type Field } from '@flotilla/values';

const keepMs = 30_000;
const largest = 500;

/** Opens and seals personal data with the subjects' keys, which ingest owns. Keys are kept for 30 s at most. */
export class SubjectKeys {
  private readonly cache = new Map<string, { key: Uint8Array | undefined; until: number }>();
  private asking: { readonly subjects: Set<string>; readonly found: Promise<ReadonlyMap<string, Uint8Array | undefined>> } | undefined;

  constructor(
    private readonly client: () => Client<ingest.SubjectKeysRpc>,
    private readonly capacity = 10_000,
  ) {}

  /** In order; "" for "" and for what was erased. One question for all subjects that are not in the cache. */
  async open(texts: readonly string[]): Promise<readonly string[]> {
    const keys = await this.load(texts.filter((text) => text !== '').map(subjectOf));
    return texts.map((text) => (text === '' ? '' : (open((subject) => keys.get(subject), text) ?? '')));
  }

  /** Refuses with SUBJECT_ERASED where the subject has no key. */
  async seal(subject: string, field: Field, text: string): Promise<string> {
    if (text === '') return '';
    const key = (await this.load([subject])).get(subject);
    if (!key) throw new Refused('SUBJECT_ERASED', 'this person’s data was erased; nothing can be added to it');
    return seal(key, subject, field, text);
  }

  // What is asked for is answered, not left in the cache to be read later: it may be emptied meanwhile, and a key that is
  // not there reads as an erased person.
  private async load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    const now = Date.now();
    if (this.cache.size > this.capacity) this.cache.clear();
    const all = new Map<string, Uint8Array | undefined>();
    const missing: string[] = [];
    for (const subject of new Set(subjects)) {
      const known = this.cache.get(subject);
      if (known && known.until >= now) all.set(subject, known.key);
      else missing.push(subject);
    }
    if (missing.length > 0) {
      const found = await this.ask(missing);
      for (const subject of missing) all.set(subject, found.get(subject));
    }
    return all;
  }

  // What is missing in one turn is one question: many values may be sealed at once, each for a person of its own.
  private ask(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    this.asking ??= { subjects: new Set(), found: Promise.resolve().then(() => this.answered()) };
    for (const subject of subjects) this.asking.subjects.add(subject);
    return this.asking.found;
  }

  private async answered(): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    const all = new Map<string, Uint8Array | undefined>();
    const subjects = [...(this.asking?.subjects ?? [])];
    this.asking = undefined;
    const until = Date.now() + keepMs;
    for (let at = 0; at < subjects.length; at += largest) {
      const asked = subjects.slice(at, at + largest);
      const { keys } = await this.client().get({ subjects: asked });
      const found = new Map(keys.map(({ subject, key }) => [subject, key.length > 0 ? key : undefined]));
      for (const subject of asked) {
        all.set(subject, found.get(subject));
        this.cache.set(subject, { key: found.get(subject), until });
      }
    }
    return all;
  }
}
