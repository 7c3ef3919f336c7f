import { Button, Chip, Group, Progress, Stack, Text } from '@mantine/core';
import type { ingest } from '@flotilla/contracts';
import { IconRotateClockwise } from '@tabler/icons-react';
import { useState } from 'react';
import { Confirm, countOf, DataTable, Empty, Failed, formatNumber, isChosen, Loading, nothing, ranged, reasonText, Tag, toggled, toggledAll, useCommand, useLocale, useMay, useRpc, useWords, When, type Asked, type Chosen, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { usePaged } from '../parts/paged.js';
import { Entry } from './entry.js';
import { words } from './words.js';

type QuarantineEntry = ingest.QuarantineEntry;

/** How far a bulk replay is, and what became of each. */
const Progressing = ({ id, onClose }: { readonly id: string; readonly onClose: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const replay = useRpc('flotilla.ingest.v1.Quarantine/GetReplay', { id }, { live: ['bulkReplay'], every: 1_000 });
  const outcomes = useRpc('flotilla.ingest.v1.Quarantine/ListReplayed', { id, page: { size: 100 } }, { live: ['bulkReplay'], ids: [id], every: 3_000 });
  const one = replay.data;
  if (!one) return null;
  const done = one.placed + one.parked + one.failed;
  const over = one.state === 'DONE';
  const title = over ? t('progressDone') : t('progress', { done, wanted: one.wanted });
  return (
    <Stack gap={6} className="f-room-box" role="status">
      <Group justify="space-between">
        <Text fw={600}>{title}</Text>
        <Group gap="xs">
          <Text size="sm">
            {t('placed', { n: one.placed })} · {t('stillParked', { n: one.parked })} · {t('failedN', { n: one.failed })}
          </Text>
          {over && (
            <Button size="compact-xs" variant="default" onClick={onClose}>
              {t('closeProgress')}
            </Button>
          )}
        </Group>
      </Group>
      <Progress value={one.wanted === 0 ? 100 : (done / one.wanted) * 100} aria-label={title} color={over && one.parked + one.failed > 0 ? 'yellow' : 'brand'} />
      {(outcomes.data?.entries ?? []).some(({ state }) => state !== 'PLACED') && (
        <details>
          <summary>{t('outcomesOf')}</summary>
          <ul>
            {outcomes.data!.entries.filter(({ state }) => state !== 'PLACED').map((entry) => (
              <li key={entry.id}>
                <code>{entry.id.slice(0, 8)}</code> {reasonText(entry.reason, locale)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Stack>
  );
};

/** Input that was not understood: by channel and reason, one by one or all of a kind. */
export const Quarantine = ({ counts }: { readonly counts: Asked<ingest.QuarantineCounts> }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [channel, setChannel] = useParam('channel');
  const [reason, setReason] = useParam('reason');
  const [open, setOpen] = useParam('entry');
  const [chosen, setChosen] = useState<Chosen>(nothing);
  const [last, setLast] = useState<string>();
  const [asking, setAsking] = useState(false);
  const [replayId, setReplayId] = useParam('replay');
  const may = useMay('flotilla.ingest.v1.Quarantine/ReplayMany');
  const replayMany = useCommand('flotilla.ingest.v1.Quarantine/ReplayMany', { refreshes: ['flotilla.ingest.v1.Quarantine/List', 'flotilla.ingest.v1.Quarantine/Count'] });
  const entries = usePaged('flotilla.ingest.v1.Quarantine/List', { channel, reason }, (answer) => answer.entries, { live: ['channelOrder'], size: 100 });
  const keys = entries.rows.map(({ id }) => id);
  const columns: readonly Column<QuarantineEntry>[] = [
    { id: 'channel', header: t('channel'), width: 140, pinned: true, cell: (row) => row.channel },
    { id: 'order', header: t('order'), width: 150, cell: (row) => row.channelOrderId || '–' },
    { id: 'reason', header: t('reason'), width: 240, cell: (row) => <Tag color="red" title={row.reason}>{reasonText(row.reason, locale)}</Tag> },
    { id: 'detail', header: t('detail'), width: 300, grow: true, cell: (row) => <span title={row.detail}>{row.detail}</span> },
    { id: 'source', header: t('source'), width: 96, cell: (row) => t(row.source as 'FILE') },
    { id: 'received', header: t('received'), width: 120, cell: (row) => <When at={row.receivedAt} /> },
    { id: 'behind', header: t('behind'), width: 80, align: 'end', cell: (row) => (row.waiting === 0 ? '' : formatNumber(row.waiting)) },
  ];
  const start = async (request: { readonly channel: string; readonly ids?: readonly string[]; readonly reason?: string }): Promise<void> => {
    const begun = await replayMany.run(request);
    if (!begun) return;
    setChosen(nothing);
    setReplayId(begun.id);
  };
  const groups = counts.data?.counts ?? [];
  const selected = countOf(chosen) ?? 0;
  if (entries.loading) return <Loading />;
  if (entries.error && entries.rows.length === 0) return <Failed error={entries.error} retry={entries.refetch} />;
  return (
    <>
      {replayId !== '' && <Progressing id={replayId} onClose={() => setReplayId('')} />}
      {groups.length > 0 && (
        <Group gap={6}>
          <Chip checked={channel === '' && reason === ''} onChange={() => { setChannel(''); setReason(''); }}>
            {t('clearFilter')}
          </Chip>
          {groups.slice(0, 12).map((one) => {
            const on = one.channel === channel && one.reason === reason;
            return (
              <Chip key={`${one.channel}/${one.reason}`} checked={on} onChange={() => { setChannel(on ? '' : one.channel); setReason(on ? '' : one.reason); setChosen(nothing); }}>
                {one.channel || '–'} · {reasonText(one.reason, locale)} · {formatNumber(one.entries)}
              </Chip>
            );
          })}
        </Group>
      )}
      {may && (selected > 0 || channel !== '') && (
        <Group gap="xs">
          {selected > 0 && (
            <Button leftSection={<IconRotateClockwise size={14} />} loading={replayMany.busy} onClick={() => void start({ channel: '', ids: [...(chosen.kind === 'some' ? chosen.keys : [])].slice(0, 500) })}>
              {t('replaySelected', { n: selected })}
            </Button>
          )}
          {channel !== '' && entries.rows.length > 0 && (
            <Button variant="default" leftSection={<IconRotateClockwise size={14} />} onClick={() => setAsking(true)}>
              {t('replayAll', { what: `${channel}${reason === '' ? '' : ` · ${reasonText(reason, locale)}`}` })}
            </Button>
          )}
        </Group>
      )}
      <div className="f-room-list">
        <DataTable
          label={t('quarantine')}
          rows={entries.rows}
          more={entries.more}
          rowKey={({ id }) => id}
          rowName={(row) => `${row.channel} ${row.channelOrderId}`}
          columns={columns}
          remember="quarantine"
          onOpen={({ id }) => setOpen(id)}
          {...(may
            ? {
                selection: {
                  has: (key: string) => isChosen(chosen, key),
                  toggle: (key: string, range: boolean) => { setChosen(range && last !== undefined ? ranged(chosen, last, key, keys) : toggled(chosen, key, keys)); setLast(key); },
                  all: selected === 0 ? ('none' as const) : keys.every((key) => isChosen(chosen, key)) ? ('all' as const) : ('some' as const),
                  toggleAll: () => setChosen(toggledAll(chosen, keys)),
                },
              }
            : {})}
          empty={<Empty title={t('noQuarantine')}>{t('noQuarantineMore')}</Empty>}
          phone={(row) => (
            <div>
              <Text fw={600} lineClamp={1}>{row.channel} · {row.channelOrderId || '–'}</Text>
              <Text size="xs" lineClamp={2}>{reasonText(row.reason, locale)} · {row.detail}</Text>
            </div>
          )}
        />
      </div>
      <Entry id={open} entry={entries.rows.find(({ id }) => id === open)} onClose={() => setOpen('')} />
      <Confirm opened={asking} reason="none" title={t('replayAll', { what: channel })} onClose={() => setAsking(false)} onConfirm={() => start({ channel, reason })}>
        {t('replayAllMore')}
      </Confirm>
    </>
  );
};
