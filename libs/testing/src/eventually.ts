/**
 * Polls until `attempt` neither throws nor returns false, and returns what it returned: expectations, queries or both.
 *
 * ```ts
 * await eventually(async () => expect(await rows()).toHaveLength(3));
 * ```
 *
 * At the deadline it throws with the last failure as its cause. Never sleep instead: a sleep is too long on a fast
 * machine and too short on a slow one.
 */
export const eventually = async <T>(
  attempt: () => T | Promise<T>,
  { timeoutMs = 20_000, everyMs = 20 }: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<Exclude<T, false>> => {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const result = await attempt();
      if (result !== false) return result as Exclude<T, false>;
      last = new Error('it stayed false');
    } catch (error) {
      last = error;
    }
    if (Date.now() >= deadline) throw new Error(`not within ${timeoutMs} ms: ${last instanceof Error ? last.message : String(last)}`, { cause: last });
    await new Promise((done) => setTimeout(done, everyMs));
  }
};
