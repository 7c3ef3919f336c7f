/** Allows `most` tries per key and window; forgets the oldest keys above `capacity`, so that strangers cannot fill the memory. */
export const rateLimit = (options: { readonly most: number; readonly windowMs: number; readonly now: () => number; readonly capacity?: number }): ((key: string) => boolean) => {
  const { most, windowMs, now, capacity = 20_000 } = options;
  const tries = new Map<string, { count: number; until: number }>();
  return (key) => {
    const at = now();
    const known = tries.get(key);
    const entry = known && known.until > at ? known : { count: 0, until: at + windowMs };
    entry.count += 1;
    tries.delete(key);
    tries.set(key, entry);
    if (tries.size > capacity) tries.delete(tries.keys().next().value ?? '');
    return entry.count <= most;
  };
};
