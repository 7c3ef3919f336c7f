/**
 * Rounds until three in a row cost no longer a tenth less than the best before, `most` at most: a service of days is measured, not its first
 * minute of compiling. Resolves to how many there were.
 */
export const warmed = async (round: () => Promise<number>, most: number): Promise<number> => {
  let best = Number.POSITIVE_INFINITY;
  for (let [rounds, level] = [1, 0]; ; rounds += 1) {
    const cost = await round();
    level = cost < best * 0.9 ? 0 : level + 1;
    best = Math.min(best, cost);
    if (level === 3 || rounds === most) return rounds;
  }
};
