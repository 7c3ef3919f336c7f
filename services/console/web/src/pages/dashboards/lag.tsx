import { Table, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { formatNumber, rpc, Tag, useWords } from '../../kit/index.js';
import { owners } from '../parked/queues.js';
import { words } from './words.js';

/** How far behind each service is: with its own log, and with Kafka. Only who is behind is listed. */
export const Lag = () => {
  const t = useWords(words);
  const services = useQueries({
    queries: owners.map((owner) => {
      const method = `${owner}:flotilla.ops.v1.Tallies/Get` as const;
      return { queryKey: [method, {}], queryFn: ({ signal }: { signal: AbortSignal }) => rpc(method, {}, signal), refetchInterval: 5_000 };
    }),
    combine: (answers) => owners.map((owner, at) => ({ owner, failed: answers[at]!.error !== null, readers: answers[at]!.data?.readers ?? [] })),
  });
  const rows = services.flatMap(({ owner, readers }) => readers.filter(({ behind }) => behind > 0).map((reader) => ({ owner, ...reader }))).toSorted((a, b) => b.behind - a.behind);
  const silent = services.filter(({ failed }) => failed);
  return (
    <>
      {silent.map(({ owner }) => <Tag key={owner} color="red">{owner}: {t('silent')}</Tag>)}
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed" py="md">{silent.length === 0 && t('upToDate')}</Text>
      ) : (
        <Table fz="xs" verticalSpacing={2}>
          <Table.Thead><Table.Tr><Table.Th>{t('service')}</Table.Th><Table.Th>{t('reader')}</Table.Th><Table.Th>{t('kind')}</Table.Th><Table.Th ta="end">{t('behind')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {rows.slice(0, 12).map(({ owner, name, kind, behind }) => (
              <Table.Tr key={`${owner}/${kind}/${name}`}><Table.Td>{owner}</Table.Td><Table.Td>{name}</Table.Td><Table.Td>{t(kind as 'FOLLOWER')}</Table.Td><Table.Td ta="end"><Text span size="xs" fw={behind > 1_000 ? 700 : 400} {...(behind > 1_000 ? { c: 'red' } : {})}>{formatNumber(behind)}</Text></Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
};
