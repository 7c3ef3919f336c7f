import { Button, Group, Progress, SegmentedControl, Switch, Text, UnstyledButton } from '@mantine/core';
import type { alerts } from '@flotilla/contracts';
import { useEffect, useState } from 'react';
import { Empty, formatNumber, formatSpan, Tag, useCommand, useLocale, useMay, useRpc, useWords, type Asked } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Answered } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { ageOf, columnsOf, slaMinutes } from './board.js';
import { IncidentSide } from './incident.js';
import { severityColour, shortId, useRules } from './names.js';
import { words } from './words.js';

export const useBoard = (): Asked<alerts.IncidentBoard> => useRpc('flotilla.alerts.v1.Incidents/Board', {}, { live: ['incident'], every: 15_000 });

/** Business time now: as the board told it, and on from there by the wall. */
export const useBusinessNow = (at: string | undefined): number => {
  const [now, setNow] = useState(Date.now);
  const [told, setTold] = useState({ business: Date.now(), wall: Date.now() });
  useEffect(() => {
    if (at) setTold({ business: Date.parse(at), wall: Date.now() });
  }, [at]);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return told.business + Math.max(0, now - told.wall);
};

/** How long it stands against the time in which it is to be answered. */
export const AgeBar = ({ incident, minutes, now }: { readonly incident: alerts.Incident; readonly minutes: number | undefined; readonly now: number }) => {
  const t = useWords(words);
  const locale = useLocale();
  const age = ageOf(incident, minutes, now);
  const span = formatSpan(age.seconds, locale);
  if (age.share === undefined || minutes === undefined) return <Text size="xs" c="dimmed">{span}</Text>;
  const rest = formatSpan(Math.abs(minutes * 60 - age.seconds), locale);
  const words_ = age.state === 'over' ? t('slaOver', { time: rest }) : t('slaLeft', { time: rest });
  return (
    <div title={t('sla', { time: formatSpan(minutes * 60, locale) })}>
      <Group justify="space-between" gap={4} wrap="nowrap">
        <Text size="xs" c="dimmed">{span}</Text>
        <Text size="xs" fw={age.state === 'fresh' ? 400 : 600} {...(age.state === 'over' ? { c: 'red' } : {})}>{words_}</Text>
      </Group>
      <Progress value={Math.min(100, age.share * 100)} size={4} color={age.state === 'over' ? 'red' : age.state === 'near' ? 'orange' : 'brand'} aria-label={words_} />
    </div>
  );
};

const Card = ({ incident, minutes, now, onOpen }: { readonly incident: alerts.Incident; readonly minutes: number | undefined; readonly now: number; readonly onOpen: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const may = useMay('flotilla.alerts.v1.Incidents/Ack');
  const ack = useCommand('flotilla.alerts.v1.Incidents/Ack', { refreshes: ['flotilla.alerts.v1.Incidents/List', 'flotilla.alerts.v1.Incidents/Board'] });
  return (
    <li className="f-room-card" data-severity={incident.severity} data-incident={incident.incidentId}>
      <UnstyledButton onClick={onOpen} style={{ display: 'block', width: '100%' }}>
        <Group justify="space-between" gap={4} wrap="nowrap">
          <Tag color={severityColour[incident.severity] ?? 'gray'}>{t(incident.severity as 'INFO')}</Tag>
          {incident.level > 0 && <Text size="xs" c="dimmed">{t('level', { n: incident.level })}</Text>}
        </Group>
        <Text size="xs" c="dimmed" mt={4} lineClamp={1}>
          {t(incident.subjectKind as 'ORDER')} <span title={incident.subjectId}>{shortId(incident.subjectId)}</span>
        </Text>
        <Text size="sm" lineClamp={3}>{locale === 'zh-CN' && incident.detailZh !== '' ? incident.detailZh : incident.detail}</Text>
      </UnstyledButton>
      <div style={{ marginBlock: 4 }}>
        <AgeBar incident={incident} minutes={minutes} now={now} />
      </div>
      {incident.state === 'OPEN' ? (
        may && (
          <Button size="compact-xs" variant="light" fullWidth loading={ack.busy} onClick={() => void ack.run({ incidentId: incident.incidentId })}>
            {t('ack')}
          </Button>
        )
      ) : (
        <Text size="xs" fw={600}>{t('ackBy', { who: incident.acknowledgedBy || t('nobody') })}</Text>
      )}
    </li>
  );
};

/** Columns by reason; what has to be answered first stands on top. */
export const BoardOf = ({ board }: { readonly board: Asked<alerts.IncidentBoard> }) => {
  const t = useWords(words);
  const [severity, setSeverity] = useParam('severity');
  const [rule] = useParam('rule');
  const [open, setOpen] = useParam('incident');
  const [unanswered, setUnanswered] = useParam('unanswered');
  const { nameOf, rolesOf } = useRules();
  const policy = useRpc('flotilla.alerts.v1.Notices/GetPolicy', {}, { live: ['policy'] });
  const incidents = usePaged('flotilla.alerts.v1.Incidents/List', { severity, rule, ...(unanswered === '' ? { notOver: true } : { state: 'OPEN' }) }, (answer) => answer.incidents, { live: ['incident'], size: 300 });
  const now = useBusinessNow(board.data?.at);
  return (
    <>
      <Group gap="sm">
        <SegmentedControl aria-label={t('severity')} value={severity || 'all'} onChange={(value) => setSeverity(value === 'all' ? '' : value)} data={[{ value: 'all', label: t('all') }, ...(['CRITICAL', 'WARNING', 'INFO'] as const).map((value) => ({ value, label: t(value) }))]} />
        <Switch label={t('onlyOpen')} checked={unanswered !== ''} onChange={(event) => setUnanswered(event.currentTarget.checked ? '1' : '')} />
      </Group>
      <Answered of={board}>
        {(data) => {
          const columns = columnsOf(data, incidents.rows).filter((column) => (rule === '' || column.rule === rule) && (column.incidents.length > 0 || (severity === '' && unanswered === '' && !incidents.loading)));
          if (columns.length === 0) return incidents.loading ? null : <Empty title={t('quiet')}>{t('quietMore')}</Empty>;
          return (
            <div className="f-room-board" role="region" aria-label={t('board')} tabIndex={0}>
              {columns.map((column) => (
                <section key={column.rule} className="f-room-column" aria-label={nameOf(column.rule)}>
                  <header>
                    <Text component="h2" fw={600} size="sm" lineClamp={1}>{nameOf(column.rule)}</Text>
                    <Text size="xs" c="dimmed">
                      {t('open', { n: column.open })} · {t('answered', { n: column.acknowledged })}
                      {rolesOf(column.rule).length > 0 && ` · ${rolesOf(column.rule).join(', ')}`}
                    </Text>
                  </header>
                  <ol>
                    {column.incidents.map((incident) => (
                      <Card key={incident.incidentId} incident={incident} minutes={slaMinutes(policy.data?.policy, incident.severity)} now={now} onOpen={() => setOpen(incident.incidentId)} />
                    ))}
                    {incidents.more.has && column.open + column.acknowledged > column.incidents.length && (
                      <li>
                        <Button size="compact-xs" variant="subtle" onClick={incidents.more.load}>
                          {t('moreHere', { n: column.open + column.acknowledged - column.incidents.length })}
                        </Button>
                      </li>
                    )}
                  </ol>
                </section>
              ))}
            </div>
          );
        }}
      </Answered>
      {severity !== '' && <Text size="xs" c="dimmed">{formatNumber(incidents.rows.length)}</Text>}
      <IncidentSide id={open} now={now} businessNow={board.data?.at} policy={policy.data?.policy} onClose={() => setOpen('')} />
    </>
  );
};
