import { Alert, Button, Group, Modal, NumberInput, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import type { alerts } from '@flotilla/contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { Confirm, formatWhen, KeyValue, Tag, toast, useCommand, useLocale, useMay, useRpc, useWords, When } from '../../kit/index.js';
import { Answered, Side } from '../parts/frame.js';
import { orderPath, subjectPath } from '../parts/links.js';
import { silentUntil, slaMinutes } from './board.js';
import { AgeBar } from './lanes.js';
import { severityColour, useRules } from './names.js';
import { words } from './words.js';

const refreshes = ['flotilla.alerts.v1.Incidents/List', 'flotilla.alerts.v1.Incidents/Board', 'flotilla.alerts.v1.Incidents/Get', 'flotilla.alerts.v1.Silences/List'] as const;

const Silence = ({ incident, businessNow, onClose }: { readonly incident: alerts.Incident; readonly businessNow: string; readonly onClose: () => void }) => {
  const t = useWords(words);
  const add = useCommand('flotilla.alerts.v1.Silences/Add', { refreshes });
  const [of, setOf] = useState('both');
  const [hours, setHours] = useState<number | string>(4);
  const [reason, setReason] = useState('');
  const send = async (): Promise<void> => {
    const kept = await add.run({ rule: of === 'subject' ? '' : incident.rule, subjectId: of === 'rule' ? '' : incident.subjectId, until: silentUntil(businessNow, Number(hours)), reason: reason.trim() });
    if (kept) onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">{t('silenceMore')}</Text>
        <SegmentedControl orientation="vertical" aria-label={t('silence')} value={of} onChange={setOf} data={[{ value: 'both', label: t('silenceBoth') }, { value: 'rule', label: t('silenceRule') }, { value: 'subject', label: t('silenceSubject') }]} />
        <NumberInput label={t('hours')} min={1} max={720} allowDecimal={false} value={hours} onChange={setHours} />
        <Textarea label={t('reason')} required maxLength={200} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t('cancel')}</Button>
          <Button type="submit" loading={add.busy} disabled={reason.trim() === '' || Number(hours) < 1}>{t('silence')}</Button>
        </Group>
      </Stack>
    </form>
  );
};

const Steps = ({ steps }: { readonly steps: readonly alerts.IncidentStep[] }) => {
  const t = useWords(words);
  const locale = useLocale();
  const text = (step: alerts.IncidentStep): string => {
    switch (step.type) {
      case 'TOLD':
        return step.targets.length === 0 ? t('toldNobody') : t('TOLD', { targets: step.targets.join(', ') });
      case 'SILENCED':
        return t('SILENCED', { until: formatWhen(step.until, locale) });
      case 'ESCALATED':
        return t('ESCALATED', { n: step.level });
      default:
        return t(step.type as 'RAISED');
    }
  };
  return (
    <ol className="f-room-steps">
      {steps.map((step, at) => (
        <li key={at}>
          <Text size="xs" c="dimmed"><When at={step.at} /> · {step.by}</Text>
          <Text size="sm" fw={step.type === 'COMMENTED' ? 400 : 600}>{text(step)}</Text>
          {step.text !== '' && <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{step.text}</Text>}
        </li>
      ))}
    </ol>
  );
};

const Inside = ({ history, now, businessNow, policy }: { readonly history: alerts.IncidentHistory; readonly now: number; readonly businessNow: string; readonly policy: alerts.NoticePolicy | undefined }) => {
  const t = useWords(words);
  const locale = useLocale();
  const { incident, steps } = history;
  const { nameOf, rolesOf } = useRules();
  const [mayAck, mayEscalate, maySilence, mayComment] = [useMay('flotilla.alerts.v1.Incidents/Ack'), useMay('flotilla.alerts.v1.Incidents/Escalate'), useMay('flotilla.alerts.v1.Silences/Add'), useMay('flotilla.alerts.v1.Incidents/Comment')];
  const ack = useCommand('flotilla.alerts.v1.Incidents/Ack', { refreshes });
  const escalate = useCommand('flotilla.alerts.v1.Incidents/Escalate', { refreshes });
  const comment = useCommand('flotilla.alerts.v1.Incidents/Comment', { refreshes });
  const [asked, setAsked] = useState<'escalate' | 'silence'>();
  const [text, setText] = useState('');
  const path = subjectPath(incident.subjectKind, incident.subjectId);
  const live = incident.state !== 'CLEARED';
  const say = async (): Promise<void> => {
    if (text.trim() === '') return;
    const kept = await comment.run({ incidentId: incident.incidentId, text: text.trim() });
    if (!kept) return;
    setText('');
    toast({ message: t('commented'), tone: 'done', ms: 2_000 });
  };
  return (
    <Stack gap="md">
      <Alert color={severityColour[incident.severity] ?? 'gray'} variant="light" p="xs" title={nameOf(incident.rule)}>
        <Text size="sm">{locale === 'zh-CN' && incident.detailZh !== '' ? incident.detailZh : incident.detail}</Text>
      </Alert>
      <KeyValue
        pairs={[
          [t('subject'), <>{t(incident.subjectKind as 'ORDER')} {path ? <Link to={path}>{incident.subjectId}</Link> : incident.subjectId}</>],
          [t('affected'), incident.orders.length > 0 && incident.orders.map((one, at) => <span key={one.orderId}>{at > 0 && ', '}<Link to={orderPath(one.orderId)}>{one.channelOrderId || one.orderId}</Link></span>)],
          [t('severity'), <Tag key="s" color={severityColour[incident.severity] ?? 'gray'}>{t(incident.severity as 'INFO')}</Tag>],
          [t('raised'), <When key="r" at={incident.raisedAt} />],
          [t('owner'), incident.acknowledgedBy || `${t('nobody')}${rolesOf(incident.rule).length > 0 ? ` · ${t('roles', { roles: rolesOf(incident.rule).join(', ') })}` : ''}`],
        ]}
      />
      {live && <AgeBar incident={incident} minutes={slaMinutes(policy, incident.severity)} now={now} />}
      {live && (
        <Group gap="xs">
          {mayAck && incident.state === 'OPEN' && <Button loading={ack.busy} onClick={() => void ack.run({ incidentId: incident.incidentId })}>{t('ack')}</Button>}
          {path && <Button component={Link} to={path} variant="default">{t('openSubject')}</Button>}
          {mayEscalate && incident.state === 'OPEN' && <Button variant="default" loading={escalate.busy} onClick={() => setAsked('escalate')}>{t('escalate')}</Button>}
          {maySilence && <Button variant="default" onClick={() => setAsked('silence')}>{t('silence')}</Button>}
        </Group>
      )}
      <section aria-label={t('history')}>
        <Text component="h2" fw={600} size="sm" mb={6}>{t('history')}</Text>
        <Steps steps={steps} />
      </section>
      {mayComment && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void say();
          }}
        >
          <Textarea label={t('comment')} description={t('commentHint')} autosize minRows={2} maxRows={8} maxLength={2_000} value={text} onChange={(event) => setText(event.currentTarget.value)} />
          <Group justify="flex-end" mt="xs">
            <Button type="submit" variant="light" loading={comment.busy} disabled={text.trim() === ''}>{t('comment')}</Button>
          </Group>
        </form>
      )}
      <Confirm opened={asked === 'escalate'} title={t('escalateTitle')} action={t('escalate')} onClose={() => setAsked(undefined)} onConfirm={(reason) => escalate.run({ incidentId: incident.incidentId, reason })}>
        {t('escalateMore')}
      </Confirm>
      <Modal opened={asked === 'silence'} onClose={() => setAsked(undefined)} title={t('silenceTitle', { what: nameOf(incident.rule) })}>
        <Silence incident={incident} businessNow={businessNow} onClose={() => setAsked(undefined)} />
      </Modal>
    </Stack>
  );
};

const Asking = ({ id, ...rest }: { readonly id: string; readonly now: number; readonly businessNow: string | undefined; readonly policy: alerts.NoticePolicy | undefined }) => {
  const history = useRpc('flotilla.alerts.v1.Incidents/Get', { incidentId: id }, { live: ['incident'], ids: [id] });
  return <Answered of={history}>{(answer) => <Inside history={answer} now={rest.now} businessNow={rest.businessNow ?? new Date().toISOString()} policy={rest.policy} />}</Answered>;
};

/** One incident: what it is about, whose it is, what was done, and what may be. */
export const IncidentSide = ({ id, onClose, ...rest }: { readonly id: string; readonly now: number; readonly businessNow: string | undefined; readonly policy: alerts.NoticePolicy | undefined; readonly onClose: () => void }) => {
  const t = useWords(words);
  return (
    <Side opened={id !== ''} title={t('one')} onClose={onClose}>
      <Asking key={id} id={id} {...rest} />
    </Side>
  );
};
