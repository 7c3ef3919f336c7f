import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Served } from '@flotilla/service-kit';
import type { Ingest } from '../ingest.parts.js';

const nothing = new Uint8Array();

/** The keys that open sealed values, for services that must show or print a person's data. */
export const subjectKeysGrpc = ({ keys }: Ingest): Served =>
  serve(ingest.SubjectKeys, {
    get: async ({ subjects }) => {
      if (subjects.length > 500) throw new Refused('BAD_REQUEST', 'at most 500 subjects at once');
      const found = await keys.find(subjects);
      return { keys: subjects.map((subject) => ({ subject, key: found.get(subject) ?? nothing })) };
    },
  });
