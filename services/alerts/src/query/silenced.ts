import { sqlMigration, type ServiceContext } from '@flotilla/service-kit';

const most = 500;

/** Of some hundred thousand clocks few wait for a silence. */
export const silencedIndex = sqlMigration('SilencedTimers', 1764460000003, [`CREATE INDEX IF NOT EXISTS timer_silenced ON es.timer ((data ->> 'silencedBy'), key) WHERE data ->> 'silencedBy' <> ''`]);

/**
 * The incidents that wait for the end of a silence, page by page. Asked of their timers: those of all that were routed before the silence
 * was lifted are set before the timer that its end sets.
 */
export async function* silencedBy({ pool }: Pick<ServiceContext, 'pool'>, silenceId: string): AsyncGenerator<readonly string[]> {
  for (let after = ''; ; ) {
    const { rows } = await pool.query<{ key: string; id: string }>(`SELECT key, data ->> 'id' AS id FROM es.timer WHERE key LIKE 'incident/%' AND data ->> 'silencedBy' = $1 AND data ->> 'silencedBy' <> '' AND key > $2 ORDER BY key LIMIT $3`, [silenceId, after, most]);
    if (rows.length > 0) yield rows.map(({ id }) => id);
    const last = rows.at(-1);
    if (!last || rows.length < most) return;
    after = last.key;
  }
}
