import kafkajs from 'kafkajs';
import type { PartitionAssigner } from 'kafkajs';
import { coPartitionedName as name, shareOut } from './co-partitioned.js';

const { AssignerProtocol } = kafkajs;

/** `shareOut` as kafkajs wants it. */
export const coPartitioned: PartitionAssigner = ({ cluster }) => ({
  name,
  version: 1,
  protocol: ({ topics }) => ({ name, metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }) }),
  assign: async ({ members, topics }) => {
    const shares = shareOut(
      members.map(({ memberId, memberMetadata }) => ({ memberId, topics: new Set(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? topics) })),
      topics.map((topic) => ({ topic, partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId) })),
    );
    return [...shares].map(([memberId, assignment]) => ({ memberId, memberAssignment: AssignerProtocol.MemberAssignment.encode({ version: 1, assignment, userData: Buffer.alloc(0) }) }));
  },
});
