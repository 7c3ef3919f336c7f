import { Alert, Button, Group, NativeSelect, NumberInput, Switch, Table, Text } from '@mantine/core';
import type { alerts } from '@flotilla/contracts';
import { useState } from 'react';
import { formatSpan, Tag, toast, useCommand, useLocale, useMay, useRpc, useWords, When } from '../../kit/index.js';
import { Answered } from '../parts/frame.js';
import { severityColour } from './names.js';
import { words } from './words.js';

/** What raises incidents, version by version; whoever may sets how grave, how long, and whether at all. */
export const RulesList = () => {
  const t = useWords(words);
  const locale = useLocale();
  const [version, setVersion] = useState(0);
  const newest = useRpc('flotilla.alerts.v1.Rules/GetRules', {}, { live: ['ruleset'] });
  const rules = useRpc('flotilla.alerts.v1.Rules/GetRules', { version }, { live: ['ruleset'] });
  const may = useMay('flotilla.alerts.v1.Rules/PutRules');
  const put = useCommand('flotilla.alerts.v1.Rules/PutRules', { refreshes: ['flotilla.alerts.v1.Rules/GetRules'] });
  const [draft, setDraft] = useState<Readonly<Record<string, alerts.RuleSetting>>>();
  const inForce = newest.data?.version ?? 0;
  const clockOf = (rule: alerts.Rule, minutes: number): string => (rule.clock === '' ? t('atOnce') : t(rule.clock as 'AFTER', { time: formatSpan(minutes * 60, locale) }));
  const change = (setting: alerts.RuleSetting, more: Partial<alerts.RuleSetting>): void => setDraft((before) => ({ ...before, [setting.rule]: { ...setting, ...more } }));
  const save = async (all: readonly alerts.Rule[]): Promise<void> => {
    const answer = await put.run({ rules: all.map(({ setting }) => draft?.[setting.rule] ?? setting) });
    if (!answer) return;
    setDraft(undefined);
    setVersion(0);
    toast({ message: t('saved', { n: answer.version }), tone: 'done' });
  };
  return (
    <Answered of={rules}>
      {(shown) => (
        <div style={{ overflow: 'auto', minHeight: 0 }} tabIndex={0} role="region" aria-label={t('rules')}>
          <Group justify="space-between" mb="xs">
            <Group gap="xs">
              <NativeSelect aria-label={t('versionOf')} value={String(version)} onChange={(event) => setVersion(Number(event.currentTarget.value))} data={[{ value: '0', label: inForce === 0 ? t('builtIn') : t('version', { n: inForce }) }, ...Array.from({ length: Math.max(0, Math.min(19, inForce - 1)) }, (_, at) => ({ value: String(inForce - 1 - at), label: t('version', { n: inForce - 1 - at }) }))]} />
              {shown.version > 0 && <Text size="xs" c="dimmed"><When at={shown.putAt} /> · {t('putBy', { who: shown.putBy })}</Text>}
            </Group>
            {may && version === 0 && (
              <Group gap="xs">
                {draft === undefined ? (
                  <Button variant="default" onClick={() => setDraft({})}>{t('edit')}</Button>
                ) : (
                  <>
                    <Button variant="default" onClick={() => setDraft(undefined)}>{t('cancel')}</Button>
                    <Button loading={put.busy} disabled={Object.keys(draft).length === 0} onClick={() => void save(shown.rules)}>{t('save')}</Button>
                  </>
                )}
              </Group>
            )}
          </Group>
          {version !== 0 && version !== inForce && <Alert color="yellow" p="xs" mb="xs">{t('oldVersion', { n: inForce })}</Alert>}
          <Table fz="sm" stickyHeader>
            <Table.Thead><Table.Tr><Table.Th>{t('rule')}</Table.Th><Table.Th>{t('subject')}</Table.Th><Table.Th>{t('severity')}</Table.Th><Table.Th>{t('clock')}</Table.Th><Table.Th>{t('role')}</Table.Th><Table.Th>{t('enabled')}</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {shown.rules.map((rule) => {
                const setting = draft?.[rule.setting.rule] ?? rule.setting;
                const name = (locale === 'zh-CN' ? rule.titleZh : rule.title) || setting.rule;
                const editing = draft !== undefined && version === 0;
                return (
                  <Table.Tr key={setting.rule} {...(setting.enabled ? {} : { c: 'dimmed' })}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td>{t(rule.subjectKind as 'ORDER')}</Table.Td>
                    <Table.Td>{editing ? <NativeSelect aria-label={`${name}: ${t('severity')}`} value={setting.severity} onChange={(event) => change(setting, { severity: event.currentTarget.value })} data={(['INFO', 'WARNING', 'CRITICAL'] as const).map((value) => ({ value, label: t(value) }))} /> : <Tag color={severityColour[setting.severity] ?? 'gray'}>{t(setting.severity as 'INFO')}</Tag>}</Table.Td>
                    <Table.Td>{editing && rule.clock !== '' ? <NumberInput aria-label={`${name}: ${t('minutes')}`} suffix=" min" min={1} max={129_600} allowDecimal={false} w={120} value={setting.minutes} onChange={(value) => change(setting, { minutes: Number(value) || 1 })} /> : clockOf(rule, setting.minutes)}</Table.Td>
                    <Table.Td>{setting.roles.join(', ')}</Table.Td>
                    <Table.Td>{editing ? <Switch aria-label={`${name}: ${t('enabled')}`} checked={setting.enabled} onChange={(event) => change(setting, { enabled: event.currentTarget.checked })} /> : setting.enabled ? '✓' : t('off')}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </Answered>
  );
};
