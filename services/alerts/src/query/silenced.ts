import type { ServiceContext } from '@flotilla/service-kit';

const most = 500;

/**
 * The incidents that wait for the end of a silence, page by page. Asked of their timers: those of all that were routed before the silence
 * was lifted are set before the timer that its end sets.
 */
export async function* silencedBy({ pool }: Pick<ServiceContext, 'pool'>, silenceId: string): AsyncGenerator<readonly string[]> {
  for (let after = ''; ; ) {
    const { rows } = await pool.query<{ key: string; id: string }>(`SELECT key, data ->> 'id' AS id FROM es.timer WHERE key LIKE 'incident/%' AND data ->> 'silencedBy' = $1 AND key > $2 ORDER BY key LIMIT $3`, [silenceId, after, most]);
    if (rows.length > 0) yield rows.map(({ id }) => id);
    const last = rows.at(-1);
    if (!last || rows.length < most) return;
    after = last.key;
  }
}
