import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Served } from '@flotilla/service-kit';
import { subject as erasure } from '../decide/subject.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { findSummary, readOrder } from '../query/channel-orders.query.js';

const nothing = new Uint8Array();
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The keys that open sealed values, for services that must show or print a person's data; and the end of such a key. */
export const subjectKeysGrpc = ({ ctx, keys }: Ingest): Served => {
  const subjectOfOrder = async (orderId: string): Promise<string> => {
    const summary = uuid.test(orderId) ? await findSummary(ctx.pool, orderId) : undefined;
    const subject = summary === undefined ? undefined : (await readOrder(ctx.store, summary)).order.buyer.subject;
    if (!subject) throw new Refused('NOT_FOUND', 'no such channel order, or it names no buyer');
    return subject;
  };
  return serve(ingest.SubjectKeys, {
    get: async ({ subjects }) => {
      if (subjects.length > 500) throw new Refused('BAD_REQUEST', 'at most 500 subjects at once');
      const found = await keys.find(subjects);
      return { keys: subjects.map((subject) => ({ subject, key: found.get(subject) ?? nothing })) };
    },
    erase: async (request, call) => {
      if ((request.subject === '') === (request.orderId === '')) throw new Refused('BAD_REQUEST', 'name the subject or an order of theirs, and one of them alone');
      const reason = request.reason.trim();
      if (reason === '' || reason.length > 500) throw new Refused('BAD_REQUEST', 'reason says in 1 to 500 characters where it was asked for');
      const subject = request.subject === '' ? await subjectOfOrder(request.orderId) : request.subject;
      // The key goes first: repeated after a crash, the event follows. The other way round the log could tell of what was not done.
      if (!uuid.test(subject) || !(await keys.erase(subject))) throw new Refused('NOT_FOUND', 'no such person');
      const { answer } = await ctx.store.execute(
        {
          streams: [[erasure, subject]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(erasure, subject, { type: 'EraseSubject', data: { subject, erasedAt: ctx.clock.machine().toISOString(), by: call.caller, reason } });
            const { erasedAt, by } = unit.state(erasure, subject)!;
            return { subject, erasedAt, erasedBy: by };
          },
        },
        call.request(request),
      );
      return answer;
    },
  });
};
