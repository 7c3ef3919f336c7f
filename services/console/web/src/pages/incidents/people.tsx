import { Button, SegmentedControl, Table, Text } from '@mantine/core';
import type { alerts } from '@flotilla/contracts';
import { useState } from 'react';
import { Confirm, DataTable, Empty, Failed, formatNumber, formatSpan, Loading, Tag, useCommand, useLocale, useMay, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Answered, Panel } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { onCall } from './board.js';
import { useBusinessNow } from './lanes.js';
import { severityColour, useRules } from './names.js';
import { words } from './words.js';

/** Who is on call, who is told of what, and who comes next. */
export const OnCall = ({ businessNow }: { readonly businessNow: string | undefined }) => {
  const t = useWords(words);
  const locale = useLocale();
  const policy = useRpc('flotilla.alerts.v1.Notices/GetPolicy', {}, { live: ['policy'] });
  const targets = useRpc('flotilla.alerts.v1.Notices/ListTargets', {});
  const now = useBusinessNow(businessNow);
  const channelOf = new Map((targets.data?.targets ?? []).map((one) => [one.name, one.channel]));
  const named = (target: string): string => (channelOf.has(target) ? `${target} (${channelOf.get(target)})` : target);
  return (
    <Answered of={policy}>
      {({ policy: one, version, putAt, putBy }) => (
        <div style={{ overflowY: 'auto', minHeight: 0 }} tabIndex={0} role="region" aria-label={t('policy')}>
          <Text size="xs" c="dimmed" mb="xs">
            {version === 0 ? t('builtIn') : <>{t('version', { n: version })} · <When at={putAt} /> · {t('putBy', { who: putBy })}</>}
          </Text>
          <div className="f-room-grid">
            <Panel title={t('onCallNow')}>
              {one.rotas.length === 0 ? (
                <Empty title={t('noRota')}>{t('noRotaMore')}</Empty>
              ) : (
                <Table fz="sm">
                  <Table.Thead><Table.Tr><Table.Th>{t('rota')}</Table.Th><Table.Th>{t('onCallNow')}</Table.Th><Table.Th>{t('until')}</Table.Th><Table.Th>{t('members')}</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {one.rotas.map((rota) => {
                      const turn = onCall(rota, now);
                      return <Table.Tr key={rota.name}><Table.Td>{rota.name}</Table.Td><Table.Td><b>{turn ? named(turn.member) : '–'}</b></Table.Td><Table.Td><When at={turn?.until} /></Table.Td><Table.Td>{rota.members.join(' → ')}</Table.Td></Table.Tr>;
                    })}
                  </Table.Tbody>
                </Table>
              )}
            </Panel>
            <Panel title={t('escalations')}>
              <Table fz="sm">
                <Table.Thead><Table.Tr><Table.Th>{t('severity')}</Table.Th><Table.Th>{t('after')}</Table.Th><Table.Th>{t('role')}</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {one.escalations.map((step, at) => (
                    <Table.Tr key={at}><Table.Td><Tag color={severityColour[step.severity] ?? 'gray'}>{t(step.severity as 'INFO')}</Tag></Table.Td><Table.Td>{formatSpan(step.afterMinutes * 60, locale)}</Table.Td><Table.Td>{step.role}</Table.Td></Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Panel>
            <Panel title={t('matrix')}>
              <Table fz="sm">
                <Table.Thead><Table.Tr><Table.Th>{t('severity')}</Table.Th><Table.Th>{t('role')}</Table.Th><Table.Th>{t('targets')}</Table.Th></Table.Tr></Table.Thead>
                <Table.Tbody>
                  {one.matrix.map((row, at) => (
                    <Table.Tr key={at}><Table.Td><Tag color={severityColour[row.severity] ?? 'gray'}>{t(row.severity as 'INFO')}</Tag></Table.Td><Table.Td>{row.role}</Table.Td><Table.Td>{row.targets.map(named).join(', ')}</Table.Td></Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Panel>
          </div>
        </div>
      )}
    </Answered>
  );
};

/** What nobody is told of for a while. */
export const Silences = () => {
  const t = useWords(words);
  const { nameOf } = useRules();
  const silences = useRpc('flotilla.alerts.v1.Silences/List', {}, { live: ['silences'], every: 30_000 });
  const may = useMay('flotilla.alerts.v1.Silences/Lift');
  const lift = useCommand('flotilla.alerts.v1.Silences/Lift', { refreshes: ['flotilla.alerts.v1.Silences/List'] });
  const [chosen, setChosen] = useState<alerts.Silence>();
  const columns: readonly Column<alerts.Silence>[] = [
    { id: 'rule', header: t('rule'), width: 200, pinned: true, cell: (row) => (row.rule === '' ? t('everyRule') : nameOf(row.rule)) },
    { id: 'subject', header: t('subject'), width: 220, cell: (row) => row.subjectId || t('everySubject') },
    { id: 'until', header: t('until'), width: 130, cell: (row) => <When at={row.until} /> },
    { id: 'reason', header: t('reason'), width: 240, grow: true, cell: (row) => row.reason },
    { id: 'by', header: t('by'), width: 120, cell: (row) => row.by },
    ...(may ? [{ id: 'act', header: '', width: 90, cell: (row: alerts.Silence) => <Button size="compact-xs" variant="default" onClick={() => setChosen(row)}>{t('lift')}</Button> }] : []),
  ];
  return (
    <Answered of={silences}>
      {(answer) => (
        <>
          <div className="f-room-list"><DataTable label={t('silences')} rows={answer.silences} rowKey={(row) => row.silenceId} columns={columns} empty={<Empty title={t('noSilences')}>{t('noSilencesMore')}</Empty>} /></div>
          <Confirm opened={chosen !== undefined} reason="none" title={t('lift')} onClose={() => setChosen(undefined)} onConfirm={() => lift.run({ silenceId: chosen!.silenceId })} />
        </>
      )}
    </Answered>
  );
};

const colours: Readonly<Record<string, string>> = { FAILED: 'red', UNKNOWN: 'orange', PENDING: 'gray', ACCEPTED: 'teal' };

/** Messages to people, and whether they were taken. */
export const Messages = () => {
  const t = useWords(words);
  const [state, setState] = useParam('message-state');
  const list = usePaged('flotilla.alerts.v1.Notices/ListMessages', { state }, (answer) => answer.messages, { live: ['message'] });
  const columns: readonly Column<alerts.NoticeMessage>[] = [
    { id: 'target', header: t('target'), width: 160, pinned: true, cell: (row) => row.target },
    { id: 'severity', header: t('severity'), width: 110, cell: (row) => <Tag color={severityColour[row.severity] ?? 'gray'}>{t(row.severity as 'INFO')}</Tag> },
    { id: 'state', header: t('state'), width: 130, cell: (row) => <Tag color={colours[row.state] ?? 'gray'}>{t(row.state as 'FAILED')}</Tag> },
    { id: 'incidents', header: t('incidentsN'), width: 90, align: 'end', cell: (row) => formatNumber(row.incidents) },
    { id: 'attempts', header: t('attempts'), width: 90, align: 'end', cell: (row) => row.attempts },
    { id: 'requested', header: t('requested'), width: 130, cell: (row) => <When at={row.requestedAt} /> },
    { id: 'detail', header: t('detail'), width: 240, grow: true, cell: (row) => row.detail },
  ];
  return (
    <>
      <SegmentedControl w="fit-content" aria-label={t('state')} value={state || 'all'} onChange={(value) => setState(value === 'all' ? '' : value)} data={[{ value: 'all', label: t('all') }, ...(['FAILED', 'UNKNOWN', 'PENDING', 'ACCEPTED'] as const).map((value) => ({ value, label: t(value) }))]} />
      {list.loading ? <Loading /> : list.error && list.rows.length === 0 ? <Failed error={list.error} retry={list.refetch} /> : <div className="f-room-list"><DataTable label={t('messages')} rows={list.rows} more={list.more} rowKey={(row) => row.messageId} columns={columns} empty={<Empty title={t('noMessages')} />} /></div>}
    </>
  );
};
