import { tracking } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';

interface FeedbackRow {
  readonly position: string;
  readonly parcel_id: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly warehouse: string;
  readonly rating: number;
  readonly words: string;
  readonly given_at: Date;
}

/** Newest first, their words opened for whoever asks. */
export const feedbackGrpc = (ctx: ServiceContext): Served =>
  serve(tracking.Feedback, {
    list: async ({ page, maxRating }) => {
      if (maxRating < 0 || maxRating > 5) throw new Refused('BAD_REQUEST', 'max_rating is 0 (all) to 5');
      const question = ['feedback', maxRating];
      const { limit, after } = pageOf(page, question);
      const { rows } = await ctx.pool.query<FeedbackRow>('SELECT * FROM read.feedback WHERE ($1 = 0 OR rating <= $1) AND ($2::bigint IS NULL OR position < $2) ORDER BY position DESC LIMIT $3', [maxRating, after?.[0] ?? null, limit + 1]);
      const shown = rows.slice(0, limit);
      const words = await ctx.open(shown.map((row) => row.words));
      const last = shown.at(-1);
      return {
        feedback: shown.map(({ parcel_id, carrier, waybill, warehouse, rating, given_at }, n) => ({ parcelId: parcel_id, carrier, waybill, warehouse, rating, words: words[n] ?? '', givenAt: given_at.toISOString() })),
        nextToken: rows.length > limit && last ? pageToken([last.position], question) : '',
      };
    },
  });
