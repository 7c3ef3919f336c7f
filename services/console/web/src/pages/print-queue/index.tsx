import { Button, Group, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Confirm, DataTable, Empty, Failed, formatAge, KeyValue, Loading, Page, RowCount, Tag, toast, useCommand, useMay, useRpc, useWords, When, type AnswerOf, type Column, type Say } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Side } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { words } from './words.js';

type Job = AnswerOf<'flotilla.carrier.v1.Printing/List'>['jobs'][number];
type Key = keyof (typeof words)['en'];

const states = ['', 'QUEUED', 'SENT', 'FAILED', 'PRINTED'] as const;
const color: Readonly<Record<string, string>> = { QUEUED: 'gray', SENT: 'brand', PRINTED: 'teal', FAILED: 'red' };
const lateMs = 60_000;

const stateText = (t: Say<typeof words>, { state, because }: Job): string => (state === 'FAILED' && because in words.en ? t(because as Key) : t(state as Key));

const columnsOf = (t: Say<typeof words>): readonly Column<Job>[] => [
  { id: 'state', header: t('state'), width: 150, pinned: true, cell: (job) => <Tag color={job.because === 'UNKNOWN' ? 'orange' : (color[job.state] ?? 'gray')}>{stateText(t, job)}</Tag> },
  { id: 'document', header: t('document'), width: 120, cell: ({ document, copy }) => `${t(document as Key)}${copy > 1 ? ` #${copy}` : ''}` },
  { id: 'order', header: t('order'), width: 110, cell: ({ number }) => number },
  { id: 'waybill', header: t('waybill'), width: 160, cell: ({ waybill }) => waybill },
  { id: 'station', header: t('station'), width: 110, cell: ({ station }) => station },
  { id: 'printer', header: t('printer'), width: 110, cell: ({ printer, format }) => `${printer} · ${format}` },
  { id: 'queued', header: t('queued'), width: 120, cell: ({ queuedAt }) => <When at={queuedAt} age /> },
  { id: 'reason', header: t('reason'), width: 160, cell: ({ reason }) => reason },
  { id: 'detail', header: t('detail'), width: 220, grow: true, cell: ({ detail }) => detail },
  { id: 'by', header: t('by'), width: 110, hidden: true, cell: ({ by }) => by.replace(/^caller:/, '') },
  { id: 'attempts', header: t('attempts'), width: 70, align: 'end', hidden: true, cell: ({ attempts }) => attempts },
];

export default function PrintQueuePage() {
  const t = useWords(words);
  const mayPrint = useMay('flotilla.carrier.v1.Printing/Print');
  const [station, setStation] = useParam('station');
  const [state, setState] = useParam('state');
  const [open, setOpen] = useState<Job>();
  const [asks, setAsks] = useState<'reprint' | 'drop'>();
  const { data: stations } = useRpc('flotilla.carrier.v1.Printing/ListStations', {}, { every: 5_000 });
  const jobs = usePaged('flotilla.carrier.v1.Printing/List', { station, state }, (answer) => answer.jobs, { live: ['printJob'], every: 10_000 });
  const print = useCommand('flotilla.carrier.v1.Printing/Print');
  const drop = useCommand('flotilla.carrier.v1.Printing/Drop');
  const columns = useMemo(() => columnsOf(t), [t]);
  // As it stands now, not as it was when it was opened.
  const shown = open && (jobs.rows.find(({ jobId }) => jobId === open.jobId) ?? open);
  const here = stations?.stations.find((one) => one.station === station);
  const isLate = here && here.seenAt !== '' && Date.now() - Date.parse(here.seenAt) > lateMs;
  return (
    <Page
      fill
      title={t('title')}
      subtitle={
        here && (
          <Group gap={6}>
            <Tag color={here.seenAt === '' || isLate ? 'orange' : 'teal'}>{here.seenAt === '' ? t('noAgent') : isLate ? t('agentLate', { when: formatAge(here.seenAt) }) : t('agentHere')}</Tag>
            {here.waiting > 0 && <span>{t('waits', { n: here.waiting })}</span>}
          </Group>
        )
      }
      actions={
        <>
          <Select aria-label={t('station')} w={180} clearable placeholder={t('anyStation')} value={station || null} onChange={(value) => setStation(value ?? '')} data={stations?.stations.map((one) => ({ value: one.station, label: one.waiting > 0 ? `${one.name} (${one.waiting})` : one.name })) ?? []} />
          <SegmentedControl aria-label={t('state')} value={state} onChange={setState} data={states.map((one) => ({ value: one, label: t(one === '' ? 'all' : one) }))} />
        </>
      }
    >
      {jobs.loading ? (
        <Loading />
      ) : jobs.error && jobs.rows.length === 0 ? (
        <Failed error={jobs.error} retry={jobs.refetch} />
      ) : (
        <>
          <DataTable
            label={t('list')}
            rows={jobs.rows}
            columns={columns}
            rowKey={({ jobId }) => jobId}
            onOpen={setOpen}
            more={jobs.more}
            remember="print-queue"
            empty={<Empty title={t('none')}>{t('noneMore')}</Empty>}
            phone={(job) => (
              <Stack gap={2}>
                <Group gap={6}>
                  <Tag color={color[job.state] ?? 'gray'}>{stateText(t, job)}</Tag>
                  <Text fw={600}>{job.number}</Text>
                  <When at={job.queuedAt} age />
                </Group>
                <Text size="xs" c="dimmed" lineClamp={1}>
                  {t(job.document as Key)} · {job.station} · {job.printer} {job.detail}
                </Text>
              </Stack>
            )}
          />
          <RowCount count={jobs.rows.length} more={jobs.more.has} />
        </>
      )}
      <Side opened={shown !== undefined} title={shown ? `${t(shown.document as Key)} · ${shown.number}` : ''} onClose={() => setOpen(undefined)}>
        {shown && (
          <Stack gap="md">
            <KeyValue
              pairs={[
                [t('state'), <Tag key="state" color={color[shown.state] ?? 'gray'}>{stateText(t, shown)}</Tag>],
                [t('detail'), shown.detail],
                [t('order'), shown.number],
                [t('waybill'), shown.waybill],
                [t('copy'), shown.copy],
                [t('reason'), shown.reason],
                [t('station'), shown.station],
                [t('printer'), `${shown.printer} · ${shown.format}`],
                [t('by'), shown.by.replace(/^caller:/, '')],
                [t('queued'), <When key="queued" at={shown.queuedAt} />],
                [t('sent'), shown.sentAt && <When key="sent" at={shown.sentAt} />],
                [t('settled'), shown.settledAt && <When key="settled" at={shown.settledAt} />],
                [t('attempts'), shown.attempts],
              ]}
            />
            {mayPrint && (
              <Group gap="xs">
                <Button onClick={() => setAsks('reprint')}>{t('reprint')}</Button>
                {shown.state !== 'PRINTED' && shown.because !== 'DROPPED' && (
                  <Button variant="default" onClick={() => setAsks('drop')}>
                    {t('drop')}
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        )}
      </Side>
      {shown && (
        <>
          <Confirm
            opened={asks === 'reprint'}
            title={t('reprintTitle', { document: t(shown.document as Key), order: shown.number })}
            reason="needed"
            action={t('reprint')}
            onClose={() => setAsks(undefined)}
            onConfirm={async (reason) => {
              const done = await print.run({ station: shown.station, parcelId: shown.parcelId, documents: [shown.document], reason: reason.slice(0, 200) });
              if (done) toast({ message: t('again'), tone: 'done' });
              jobs.refetch();
            }}
          >
            <Text c="dimmed">{t('reprintMore')}</Text>
          </Confirm>
          <Confirm opened={asks === 'drop'} title={t('dropTitle')} reason="needed" danger action={t('drop')} onClose={() => setAsks(undefined)} onConfirm={async (reason) => (await drop.run({ jobId: shown.jobId, reason: reason.slice(0, 200) }), jobs.refetch())}>
            <Text c="dimmed">{t('dropMore')}</Text>
          </Confirm>
        </>
      )}
    </Page>
  );
}
