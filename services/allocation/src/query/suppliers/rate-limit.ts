/** Allows `most` tries per key and minute; forgets the oldest keys above 10,000, so that strangers cannot fill the memory. */
export const rateLimit = (most: number, now: () => number): ((key: string) => boolean) => {
  const tries = new Map<string, { readonly count: number; readonly until: number }>();
  return (key) => {
    const known = tries.get(key);
    const entry = known && known.until > now() ? { ...known, count: known.count + 1 } : { count: 1, until: now() + 60_000 };
    tries.delete(key);
    tries.set(key, entry);
    if (tries.size > 10_000) tries.delete(tries.keys().next().value ?? '');
    return entry.count <= most;
  };
};
