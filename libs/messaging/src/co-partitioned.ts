/** The name under which all members of a group, whichever client they run on, agree on the way partitions are shared out. */
export const coPartitionedName = 'flotilla-co-partitioned';

/**
 * Partition i of every topic goes to the same member: one key is handled by one process, whichever topic speaks of it. The
 * clients' own assigners deal out the partitions of all topics in one row, which scatters them at 5 or 7 members. A member
 * gets only topics that it subscribed to (while a release is rolled out they differ).
 */
export const shareOut = (
  members: readonly { readonly memberId: string; readonly topics: ReadonlySet<string> }[],
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): ReadonlyMap<string, Readonly<Record<string, number[]>>> => {
  const sorted = members.toSorted((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const shares = new Map(sorted.map(({ memberId }) => [memberId, {} as Record<string, number[]>]));
  for (const { topic, partitions } of topics) {
    const able = sorted.filter((member) => member.topics.has(topic));
    for (const partition of able.length === 0 ? [] : partitions) (shares.get(able[partition % able.length]!.memberId)![topic] ??= []).push(partition);
  }
  return shares;
};
