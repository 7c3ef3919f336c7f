import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ops } from '@flotilla/contracts';
import { useState } from 'react';
import { Confirm, DataTable, Empty, formatNumber, Json, KeyValue, Loading, reasonText, Tag, toast, useCommand, useLocale, useMay, useRpc, useWords, When, type Column, type Owner } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Answered, Side } from '../parts/frame.js';
import { partsOfKey } from './fix.js';
import type { AllParked, ParkedQueue } from './queues.js';
import { words } from './words.js';

/** Messages that a service could not handle: a queue for each key. */
export const Messages = ({ parked }: { readonly parked: AllParked }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [open, setOpen] = useParam('parked');
  const columns: readonly Column<ParkedQueue>[] = [
    { id: 'owner', header: t('service'), width: 110, pinned: true, cell: (row) => row.owner },
    { id: 'type', header: t('type'), width: 220, cell: (row) => <span title={row.type}>{row.type.replace(/^flotilla\.[a-z]+\.v\d+\./, '')}</span> },
    { id: 'reason', header: t('reason'), width: 190, cell: (row) => <Tag color="red" title={row.reason}>{reasonText(row.reason, locale)}</Tag> },
    { id: 'detail', header: t('detail'), width: 300, grow: true, cell: (row) => <span title={row.detail}>{row.detail}</span> },
    { id: 'topic', header: t('topic'), width: 200, cell: (row) => row.topic },
    { id: 'key', header: t('key'), width: 150, cell: (row) => partsOfKey(row.parkedKey).key, hidden: true },
    { id: 'behind', header: t('behind'), width: 80, align: 'end', cell: (row) => (row.waiting === 0 ? '' : formatNumber(row.waiting)) },
  ];
  if (parked.loading) return <Loading />;
  const nameOf = (row: ParkedQueue): string => `${row.owner}:${row.parkedKey}`;
  const chosen = parked.queues.find((row) => nameOf(row) === open);
  return (
    <>
      {parked.silent.length > 0 && <Alert color="yellow" p="xs">{t('unreachable', { services: parked.silent.join(', ') })}</Alert>}
      <div className="f-room-list">
        <DataTable label={t('messages')} rows={parked.queues} rowKey={nameOf} columns={columns} remember="parked" onOpen={(row) => setOpen(nameOf(row))} empty={<Empty title={t('noMessages')}>{t('noMessagesMore')}</Empty>} />
      </div>
      <Side opened={chosen !== undefined} size="xl" title={chosen ? `${chosen.owner} · ${chosen.type.replace(/^flotilla\.[a-z]+\.v\d+\./, '')}` : ''} onClose={() => setOpen('')}>
        {chosen && <Queue key={open} owner={chosen.owner} parkedKey={chosen.parkedKey} head={chosen} onGone={() => { parked.refetch(); setOpen(''); }} />}
      </Side>
    </>
  );
};

const Queue = ({ owner, parkedKey, head, onGone }: { readonly owner: Owner; readonly parkedKey: string; readonly head: ParkedQueue; readonly onGone: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [show, replayOf, discardOf, list] = [`${owner}:flotilla.ops.v1.ParkedMessages/Show`, `${owner}:flotilla.ops.v1.ParkedMessages/Replay`, `${owner}:flotilla.ops.v1.ParkedMessages/Discard`, `${owner}:flotilla.ops.v1.ParkedMessages/List`] as const;
  const [opens, acts] = [useMay(show), useMay(replayOf)];
  const replay = useCommand(replayOf, { refreshes: [list, show] });
  const discard = useCommand(discardOf, { refreshes: [list, show] });
  const [asking, setAsking] = useState(false);
  const { consumer, topic, partition, key } = partsOfKey(parkedKey);
  const settled = (answer: ops.ReplayParkedResponse | undefined): void => {
    if (!answer) return;
    const text = t('handled', { n: answer.handled, m: answer.stillParked });
    toast({ message: answer.reason === '' ? text : `${text}; ${t('stoppedAt', { reason: reasonText(answer.reason, locale) })}`, tone: answer.stillParked === 0 ? 'done' : 'warning', ms: 8_000 });
    if (answer.stillParked === 0) onGone();
  };
  return (
    <Stack gap="sm">
      <Alert color="red" variant="light" p="xs" title={reasonText(head.reason, locale)}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{head.detail}</Text>
      </Alert>
      <KeyValue pairs={[[t('consumer'), consumer], [t('topic'), `${topic} · ${t('partition')} ${partition}`], [t('key'), key]]} />
      {acts && (
        <Group gap="xs">
          <Button loading={replay.busy} onClick={() => void replay.run({ parkedKey }).then(settled)}>{t('replay')}</Button>
          <Button variant="default" color="red" loading={discard.busy} onClick={() => setAsking(true)}>{t('discard')}</Button>
        </Group>
      )}
      {opens ? <Contents method={show} parkedKey={parkedKey} /> : <Text size="sm" c="dimmed">{t('noRight')}</Text>}
      <Confirm opened={asking} reason="needed" danger title={t('discardTitle')} action={t('discard')} onClose={() => setAsking(false)} onConfirm={(reason) => discard.run({ parkedKey, reason }).then(settled)}>
        {t('discardMore')}
      </Confirm>
    </Stack>
  );
};

const Contents = ({ method, parkedKey }: { readonly method: `${Owner}:flotilla.ops.v1.ParkedMessages/Show`; readonly parkedKey: string }) => {
  const t = useWords(words);
  const locale = useLocale();
  const queue = useRpc(method, { parkedKey });
  return (
    <Answered of={queue}>
      {({ messages, waiting }) => (
        <section aria-label={t('queue')}>
          <Text component="h2" fw={600} size="sm" mb={4}>
            {t('queue')} · {t('shownOf', { n: messages.length, m: waiting })}
          </Text>
          <Stack gap="sm">
            {messages.map((one, at) => (
              <div key={one.offset} className="f-room-box">
                <Group justify="space-between" gap="xs" mb={4}>
                  <Text fw={600}>{at + 1}. {one.type.replace(/^flotilla\.[a-z]+\.v\d+\./, '')}</Text>
                  <Text size="xs" c="dimmed">{t('offset')} {one.offset} · <When at={one.sentAt} /></Text>
                </Group>
                {one.reason !== '' && one.reason !== 'BEHIND_PARKED' && at > 0 && <Text size="xs">{reasonText(one.reason, locale)}</Text>}
                {one.erased ? <Alert color="gray" p="xs">{t('erased')}</Alert> : <Json value={one.value} label={`${one.type} ${one.offset}`} maxHeight={260} />}
                {Object.keys(one.headers).length > 0 && (
                  <details>
                    <summary>{t('headers')}</summary>
                    <KeyValue pairs={Object.entries(one.headers)} />
                  </details>
                )}
              </div>
            ))}
          </Stack>
        </section>
      )}
    </Answered>
  );
};
