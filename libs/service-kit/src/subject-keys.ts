import type { Client, ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { open, seal, subjectOf, type Field } from '@flotilla/values';

const keepMs = 30_000;
const largest = 500;
const capacity = 10_000;

/** Opens and seals personal data with the subjects' keys, which ingest owns. Keys are kept for 30 s at most. */
export class SubjectKeys {
  private readonly cache = new Map<string, { key: Uint8Array | undefined; until: number }>();

  constructor(private readonly client: () => Client<ingest.SubjectKeysRpc>) {}

  /** In order; "" for "" and for what was erased. One question for all subjects that are not in the cache. */
  async open(texts: readonly string[]): Promise<readonly string[]> {
    await this.load(texts.filter((text) => text !== '').map(subjectOf));
    return texts.map((text) => open((subject) => this.cache.get(subject)?.key, text) ?? '');
  }

  /** Refuses with SUBJECT_ERASED where the subject has no key. */
  async seal(subject: string, field: Field, text: string): Promise<string> {
    if (text === '') return '';
    await this.load([subject]);
    const key = this.cache.get(subject)?.key;
    if (!key) throw new Refused('SUBJECT_ERASED', 'this person’s data was erased; nothing can be added to it');
    return seal(key, subject, field, text);
  }

  private async load(subjects: readonly string[]): Promise<void> {
    const now = Date.now();
    const missing = [...new Set(subjects)].filter((subject) => (this.cache.get(subject)?.until ?? 0) < now);
    if (this.cache.size > capacity) this.cache.clear();
    for (let at = 0; at < missing.length; at += largest) {
      const asked = missing.slice(at, at + largest);
      const { keys } = await this.client().get({ subjects: asked });
      const found = new Map(keys.map(({ subject, key }) => [subject, key.length > 0 ? key : undefined]));
      for (const subject of asked) this.cache.set(subject, { key: found.get(subject), until: now + keepMs });
    }
  }
}
