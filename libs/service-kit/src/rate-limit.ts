/**
 * Whether a caller may: `most` tries per key and minute (or `windowMs`), counted in this process. Forgets the keys that were quiet longest above `capacity`, so that strangers cannot fill the memory.
 * `now`: machine time in ms.
 */
export const rateLimit = ({ most, now, windowMs = 60_000, capacity = 20_000 }: { readonly most: number; readonly now: () => number; readonly windowMs?: number; readonly capacity?: number }): ((key: string) => boolean) => {
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
