import { ActionIcon, Alert, Button, Group, Loader, Paper, SegmentedControl, Slider, Stack, Table, Text, Title } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconRobot, IconUser } from '@tabler/icons-react';
import type { order } from '@flotilla/contracts';
import { useMemo, useState } from 'react';
import { Copy, ErrorNote, formatExactly, Hint, Json, useHotkeys, useLocale, useRpc, useWords, When } from '../../kit/index.js';
import { words } from './words.js';

type Entry = order.TimelineEntry;

/** A person did it; a rule, a service or a platform did not. */
export const byPerson = (actor: string): string | undefined => {
  const [, name] = /^caller:(.+)$/.exec(actor) ?? [];
  return name;
};

const titleOf = (entry: Entry, locale: string): string => (locale === 'zh-CN' ? entry.titleZh : entry.title) || entry.type;

/** Every event of the order's life, and a slider through it. `position`: where the page stands, undefined = now. */
export const Timeline = ({ orderId, entries, position, onPosition }: { readonly orderId: string; readonly entries: readonly Entry[]; readonly position: number | undefined; readonly onPosition: (position: number | undefined) => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [only, setOnly] = useState<'all' | 'people'>('all');
  const [open, setOpen] = useState<number>();
  const last = entries.length - 1;
  const at = position === undefined ? last : Math.max(0, entries.findLastIndex((entry) => entry.position <= position));
  const go = (index: number): void => onPosition(index >= last ? undefined : entries[Math.max(0, index)]?.position);
  useHotkeys(t('timeline'), [
    { key: '[', label: t('previous'), run: () => go(at - 1) },
    { key: ']', label: t('next'), run: () => go(at + 1) },
  ]);
  const shown = useMemo(() => entries.map((entry, index) => ({ entry, index })).filter(({ entry }) => only === 'all' || byPerson(entry.actor) !== undefined).toReversed(), [entries, only]);
  return (
    <Paper component="section" aria-label={t('timeline')} data-testid="timeline">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          {t('timeline')}
        </Title>
        <SegmentedControl data={[{ value: 'all', label: t('all') }, { value: 'people', label: t('onlyPeople') }]} value={only} onChange={(value) => setOnly(value as 'all' | 'people')} aria-label={t('timeline')} />
      </Group>
      <Text size="xs" c="dimmed" mt={2}>
        {t('timelineHint')}
      </Text>
      {last > 0 && (
        <Group gap={4} wrap="nowrap" mt={8} mb={12}>
          <ActionIcon size="sm" aria-label={t('previous')} onClick={() => go(at - 1)} disabled={at === 0}>
            <IconChevronLeft size={14} />
          </ActionIcon>
          <Slider style={{ flex: 1 }} size="sm" min={0} max={last} step={1} value={at} onChange={go} label={(index) => (index >= last ? t('now') : titleOf(entries[index]!, locale))} thumbLabel={t('asOf')} thumbProps={{ 'aria-valuetext': at === last ? t('now') : titleOf(entries[at]!, locale) } as object} />
          <ActionIcon size="sm" aria-label={t('next')} onClick={() => go(at + 1)} disabled={at === last}>
            <IconChevronRight size={14} />
          </ActionIcon>
          <Hint keys="[" />
          <Hint keys="]" />
        </Group>
      )}
      <ol className="f-timeline">
        {shown.map(({ entry, index }) => {
          const person = byPerson(entry.actor);
          const later = index > at;
          return (
            <li key={`${entry.position}-${index}`} data-later={later || undefined} data-now={index === at || undefined}>
              <button type="button" className="f-event" aria-expanded={open === index} onClick={() => setOpen(open === index ? undefined : index)}>
                <span className="f-event-dot" data-person={person !== undefined || undefined} aria-hidden>
                  {person === undefined ? <IconRobot size={11} /> : <IconUser size={11} />}
                </span>
                <span className="f-event-text">
                  <b>{titleOf(entry, locale)}</b>
                  {entry.reason !== '' && <span> – {entry.reason}</span>}
                  <span className="f-event-by">
                    {person ?? (entry.actor.startsWith('rule:') ? entry.actor : entry.actor.replace(/^service:/, '')) ?? t('byService')}
                    {entry.sourceStream !== '' && ` · ${entry.sourceStream.replace(/-.*/, '')}`}
                  </span>
                </span>
                <span className="f-event-when">
                  <When at={entry.at} />
                </span>
              </button>
              {open === index && <EventDetail orderId={orderId} entry={entry} before={entries[index - 1]?.position} />}
            </li>
          );
        })}
      </ol>
    </Paper>
  );
};

const short = (json: string): string => {
  const text = json.replace(/^"(.*)"$/s, '$1');
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
};

const EventDetail = ({ orderId, entry, before }: { readonly orderId: string; readonly entry: Entry; readonly before: number | undefined }) => {
  const t = useWords(words);
  const { data: history } = useRpc('flotilla.order.v1.Orders/History', { orderId });
  const { data: diff, error, loading } = useRpc('flotilla.order.v1.Orders/Diff', { orderId, ...(before === undefined ? {} : { fromPosition: before }), toPosition: entry.position });
  const event = history?.events.find((one) => one.position === entry.position && one.type === entry.type);
  return (
    <div className="f-event-detail">
      <Stack gap={6}>
        <ErrorNote error={error} />
        {loading && <Loader size="xs" />}
        {diff && diff.differences.length === 0 && (
          <Text size="xs" c="dimmed">
            {t('diffNone')}
          </Text>
        )}
        {diff && diff.differences.length > 0 && (
          <Table.ScrollContainer minWidth={300}>
            <Table verticalSpacing={2} horizontalSpacing={6} fz="xs" aria-label={t('diff')}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('diff')}</Table.Th>
                  <Table.Th>{t('before')}</Table.Th>
                  <Table.Th>{t('after')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {diff.differences.slice(0, 60).map((one) => (
                  <Table.Tr key={one.path}>
                    <Table.Td ff="monospace">{one.path}</Table.Td>
                    <Table.Td className="f-before">{one.before === '' ? '–' : short(one.before)}</Table.Td>
                    <Table.Td className="f-after">{one.after === '' ? '–' : short(one.after)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        {event && (
          <>
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {formatExactly(event.recordedAt)} · {event.stream} v{event.version}
              {event.traceId !== '' && (
                <>
                  {' '}
                  · {t('trace')} {event.traceId.slice(0, 12)}… <Copy value={event.traceId} label={t('trace')} />
                </>
              )}
              {event.sourceStream !== '' && ` · ${t('cause')} ${event.sourceStream} v${event.sourceVersion}`}
            </Text>
            <Json value={event.data} maxHeight={220} label={t('data')} />
          </>
        )}
      </Stack>
    </div>
  );
};

export const PastBanner = ({ entry, onNow }: { readonly entry: Entry | undefined; readonly onNow: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  if (!entry) return null;
  return (
    <Alert color="yellow" p="xs" role="status">
      <Group justify="space-between" gap="xs">
        <Text size="sm">{t('past', { event: titleOf(entry, locale), when: formatExactly(entry.at, locale) })}</Text>
        <Button size="compact-xs" onClick={onNow}>
          {t('backToNow')}
        </Button>
      </Group>
    </Alert>
  );
};
