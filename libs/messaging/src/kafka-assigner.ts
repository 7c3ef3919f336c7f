import kafkajs from 'kafkajs';
import type { PartitionAssigner } from 'kafkajs';

const { AssignerProtocol } = kafkajs;
const name = 'flotilla-co-partitioned';

/**
 * Partition i of every topic goes to the same member: one key is handled by one process, whichever topic speaks of it.
 * The built-in assigner deals out the partitions of all topics in one row, which scatters them at 5 or 7 members.
 * A member gets only topics that it subscribed to (while a release is rolled out they differ).
 */
export const coPartitioned: PartitionAssigner = ({ cluster }) => ({
  name,
  version: 1,
  protocol: ({ topics }) => ({ name, metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }) }),
  assign: async ({ members, topics }) => {
    const sorted = members
      .map(({ memberId, memberMetadata }) => ({ memberId, topics: new Set(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? topics) }))
      .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    const assignment = new Map(sorted.map(({ memberId }) => [memberId, {} as Record<string, number[]>]));
    for (const topic of topics) {
      const able = sorted.filter((member) => member.topics.has(topic));
      for (const { partitionId } of able.length === 0 ? [] : cluster.findTopicPartitionMetadata(topic)) {
        (assignment.get(able[partitionId % able.length]!.memberId)![topic] ??= []).push(partitionId);
      }
    }
    return [...assignment].map(([memberId, partitions]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 1, assignment: partitions, userData: Buffer.alloc(0) }),
    }));
  },
});
