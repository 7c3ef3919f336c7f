import { ActionIcon, Alert, Button, Checkbox, Group, NumberInput, Paper, SegmentedControl, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core';
import type { allocation } from '@flotilla/contracts';
import { IconArrowDown, IconArrowUp, IconFlask, IconPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { asRpcError, Confirm, ErrorNote, formatMoney, formatNumber, Loading, Page, rpc, RpcError, Tag, toast, useCommand, useMay, useRpc, useWords, When } from '../../kit/index.js';
import { criteria, moved, newRule, orderOf, triedOf, withOrder, withRule, type Criterion, type Tried } from './model.js';
import { RuleCard, type Known } from './rule.js';
import { words } from './words.js';

const Ranking = ({ set, locked, onChange }: { readonly set: allocation.RuleSet; readonly locked: boolean; readonly onChange: (set: allocation.RuleSet) => void }) => {
  const t = useWords(words);
  const order = orderOf(set);
  const weight = (name: keyof NonNullable<allocation.RuleSet['weights']>) => <NumberInput key={name} label={t(name)} disabled={locked} min={0} decimalScale={2} value={set.weights[name]} onChange={(value) => onChange({ ...set, weights: { ...set.weights, [name]: Number(value) } })} />;
  return (
    <Paper component="section" aria-label={t('ranking')}>
      <Group gap="sm" mb="xs">
        <Text fw={600}>{t('ranking')}</Text>
        <SegmentedControl aria-label={t('ranking')} disabled={locked} value={set.ranking || 'CRITERIA'} onChange={(ranking) => onChange({ ...set, ranking })} data={(['CRITERIA', 'SCORE'] as const).map((value) => ({ value, label: t(value) }))} />
      </Group>
      {set.ranking === 'SCORE' ? (
        <SimpleGrid cols={{ base: 2, xs: 3, md: 6 }}>{(['freight', 'days', 'load', 'tier', 'distance', 'handling'] as const).map(weight)}</SimpleGrid>
      ) : (
        <>
          <Text size="xs" c="dimmed">
            {t('criteria')}: 1. {t('STOCK')}
          </Text>
          <Stack component="ol" gap={2} p={0} m={0} style={{ listStyle: 'none' }}>
            {[...order, ...criteria.filter((one) => !order.includes(one))].map((one: Criterion, place) => {
              const chosen = order.includes(one);
              return (
                <Group component="li" key={one} gap={6} mih={24}>
                  <Checkbox disabled={locked} checked={chosen} label={chosen ? `${place + 2}. ${t(one)}` : t(one)} onChange={() => onChange(withOrder(set, chosen ? order.filter((other) => other !== one) : [...order, one]))} w={230} />
                  {chosen && !locked && (
                    <>
                      <ActionIcon size={24} aria-label={t('up', { name: t(one) })} disabled={place === 0} onClick={() => onChange(withOrder(set, moved(order, place, -1)))}>
                        <IconArrowUp size={14} />
                      </ActionIcon>
                      <ActionIcon size={24} aria-label={t('down', { name: t(one) })} disabled={place === order.length - 1} onClick={() => onChange(withOrder(set, moved(order, place, 1)))}>
                        <IconArrowDown size={14} />
                      </ActionIcon>
                    </>
                  )}
                </Group>
              );
            })}
          </Stack>
        </>
      )}
      <Group gap="md" mt="sm">
        <Checkbox label={t('splitForbidden')} disabled={locked} checked={set.split.forbidden} onChange={(event) => onChange({ ...set, split: { ...set.split, forbidden: event.currentTarget.checked } })} />
        {!set.split.forbidden && <NumberInput label={t('maxParts')} w={170} min={2} max={5} disabled={locked} value={set.split.maxParts || 3} onChange={(value) => onChange({ ...set, split: { ...set.split, maxParts: Number(value) } })} />}
      </Group>
    </Paper>
  );
};

const Outcome = ({ tried }: { readonly tried: Tried }) => {
  const t = useWords(words);
  const { happened, draft, changed } = tried;
  const figures: readonly (readonly [string, (of: allocation.WhatIfFigures) => string])[] = [
    [t('orders'), ({ orders }) => formatNumber(orders)],
    [t('planned'), ({ planned }) => formatNumber(planned)],
    [t('backordered'), ({ backordered }) => formatNumber(backordered)],
    [t('parcels'), ({ parcels }) => formatNumber(parcels)],
    [t('splitOrders'), ({ splitOrders }) => formatNumber(splitOrders)],
    [t('freightSum'), ({ freight }) => formatMoney(freight ?? undefined)],
    [t('meanDays'), ({ meanDays }) => t('days_', { n: Math.round(meanDays * 10) / 10 })],
    [t('late'), ({ late }) => formatNumber(late)],
  ];
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} data-testid="outcome">
      <Table verticalSpacing={3}>
        <Table.Thead>
          <Table.Tr>
            <Table.Td />
            <Table.Th ta="end">{t('happened')}</Table.Th>
            <Table.Th ta="end">{t('wouldBe')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {figures.map(([name, of]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500}>
                {name}
              </Table.Th>
              <Table.Td ta="end">{of(happened)}</Table.Td>
              <Table.Td ta="end" fw={of(happened) === of(draft) ? 400 : 700}>
                {of(draft)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <div>
        <Text fw={600} mb={4}>
          {changed.length === 0 ? t('nothingChanged') : t('changed')}
        </Text>
        <Stack gap={2} mah={260} style={{ overflow: 'auto' }} tabIndex={0}>
          {changed.map(({ foId, happened: was, draft: next, reason }) => (
            <Text key={foId} size="xs">
              <Link to={`/orders/${foId}`}>{foId.slice(0, 8)}</Link> {t('from')} {was.join(' + ') || '–'}, {t('to')} <strong>{next.join(' + ') || '–'}</strong> {reason}
            </Text>
          ))}
        </Stack>
      </div>
    </SimpleGrid>
  );
};

export default function RulesPage() {
  const t = useWords(words);
  const may = useMay('flotilla.allocation.v1.Routing/PutRules');
  const mayActivate = useMay('flotilla.allocation.v1.Routing/Activate');
  const refreshes = ['flotilla.allocation.v1.Routing/GetRules', 'flotilla.allocation.v1.Routing/ListRules'] as const;
  const current = useRpc('flotilla.allocation.v1.Routing/GetRules', {});
  const versions = useRpc('flotilla.allocation.v1.Routing/ListRules', { page: { size: 20 } });
  const { data: warehouses } = useRpc('flotilla.allocation.v1.Warehouses/List', {});
  const { data: lanes } = useRpc('flotilla.allocation.v1.Routing/ListLanes', { page: { size: 500 } });
  const { data: channels } = useRpc('flotilla.ingest.v1.Channels/List', { page: { size: 500 } });
  const put = useCommand('flotilla.allocation.v1.Routing/PutRules', { refreshes, quiet: true });
  const activate = useCommand('flotilla.allocation.v1.Routing/Activate', { refreshes });
  const [set, setSet] = useState<allocation.RuleSet>();
  const [tried, setTried] = useState<Tried>();
  const [trying, setTrying] = useState(false);
  const [error, setError] = useState<RpcError>();
  const [problems, setProblems] = useState<readonly allocation.RuleProblem[]>([]);
  const [ask, setAsk] = useState<number>();
  useEffect(() => {
    if (set === undefined && current.data?.rules) setSet(current.data.rules);
  }, [set, current.data]);
  if (!set || !current.data) return <Loading />;
  const known: Known = { warehouses: warehouses?.warehouses.map(({ warehouse }) => warehouse) ?? [], carriers: [...new Set(lanes?.lanes.map(({ carrier }) => carrier))], channels: channels?.channels.map(({ id }) => id) ?? [] };
  const change = (next: allocation.RuleSet): void => {
    setSet(next);
    setTried(undefined);
    setProblems([]);
  };
  const isDraft = JSON.stringify(set) !== JSON.stringify(current.data.rules);
  // A draft without a name would be taken for "the rules of a version".
  const named = { ...set, name: set.name || t('draft') };
  const tryIt = (): void => {
    setTrying(true);
    setError(undefined);
    rpc('flotilla.allocation.v1.Routing/WhatIf', { draft: named })
      .then((answer) => setTried(triedOf((answer as unknown as { readonly parts: readonly allocation.WhatIfResponse[] }).parts)), (thrown: unknown) => setError(asRpcError(thrown)))
      .finally(() => setTrying(false));
  };
  const keep = async (): Promise<void> => {
    const done = await put.run({ rules: named });
    if (!done) return;
    setProblems(done.problems);
    if (done.version > 0) toast({ message: t('saved', { n: done.version }), tone: 'done' });
  };
  return (
    <Page
      title={t('title')}
      subtitle={
        <>
          {t('subtitle')} · {t('inForce', { name: current.data.version === 0 ? t('builtIn') : `${current.data.rules?.name ?? ''} (${t('version', { n: current.data.version })})` })}
        </>
      }
      actions={
        <>
          <Button variant="default" leftSection={<IconFlask size={16} />} loading={trying} onClick={tryIt} title={t('tryMore')}>
            {t('tryIt')}
          </Button>
          {may && (
            <Button disabled={!isDraft} loading={put.busy} onClick={() => void keep()}>
              {t('save')}
            </Button>
          )}
        </>
      }
    >
      <ErrorNote error={error ?? put.error} />
      {problems.length > 0 && (
        <Alert color="red" title={t('problems')}>
          {problems.map(({ path, detail }) => (
            <Text key={`${path} ${detail}`} size="sm">
              {path}: {detail}
            </Text>
          ))}
        </Alert>
      )}
      {tried && (
        <Paper component="section" aria-label={t('tryIt')} aria-live="polite">
          <Outcome tried={tried} />
        </Paper>
      )}
      <Group align="end" gap="sm">
        <TextInput label={t('name')} maxLength={100} disabled={!may} value={set.name} onChange={(event) => change({ ...set, name: event.currentTarget.value })} w={280} />
        <Tag color={isDraft ? 'yellow' : 'teal'}>{isDraft ? t('draft') : t('unchanged')}</Tag>
      </Group>
      <Ranking set={set} locked={!may} onChange={change} />
      <Group justify="space-between">
        <div>
          <Text component="h2" fw={650}>
            {t('rules')}
          </Text>
          <Text size="sm" c="dimmed">
            {set.rules.length === 0 ? t('noRules') : t('rulesMore')}
          </Text>
        </div>
        {may && (
          <Button variant="default" leftSection={<IconPlus size={16} />} onClick={() => change({ ...set, rules: [...set.rules, newRule(`${t('rules')} ${set.rules.length + 1}`)] })}>
            {t('addRule')}
          </Button>
        )}
      </Group>
      {set.rules.map((rule, place) => (
        <RuleCard key={place} rule={rule} known={known} locked={!may} matched={tried?.matched.get(rule.name)} onChange={(next) => change(withRule(set, place, next))} onRemove={() => change(withRule(set, place, undefined))} />
      ))}
      <Paper component="section" aria-label={t('versions')}>
        <Text component="h2" fw={650} mb={4}>
          {t('versions')}
        </Text>
        <Table.ScrollContainer minWidth={460}>
          <Table verticalSpacing={3}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('versions')}</Table.Th>
                <Table.Th>{t('putAt')}</Table.Th>
                <Table.Th>{t('putBy')}</Table.Th>
                <Table.Th>{t('rules')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {versions.data?.rules.map((one) => (
                <Table.Tr key={one.version}>
                  <Table.Td>
                    {one.rules?.name || t('builtIn')} {one.version > 0 && t('version', { n: one.version })} {one.active && <Tag color="teal">{t('inForce', { name: '' }).replace(/[:：]\s*$/, '')}</Tag>}
                  </Table.Td>
                  <Table.Td>
                    <When at={one.putAt} />
                  </Table.Td>
                  <Table.Td>{one.putBy.replace(/^caller:/, '')}</Table.Td>
                  <Table.Td>
                    <Group gap="xs" wrap="nowrap">
                      <Button size="compact-xs" variant="subtle" onClick={() => one.rules && change(one.rules)}>
                        {t('load_')}
                      </Button>
                      {mayActivate && !one.active && (
                        <Button size="compact-xs" variant="default" onClick={() => setAsk(one.version)}>
                          {t('activate')}
                        </Button>
                      )}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Paper>
      <Confirm opened={ask !== undefined} title={t('activateTitle', { n: ask ?? 0 })} reason="none" action={t('activate')} onClose={() => setAsk(undefined)} onConfirm={async () => ask !== undefined && (await activate.run({ version: ask })) && toast({ message: t('activated', { n: ask }), tone: 'done' })}>
        <Text c="dimmed">{t('activateMore')}</Text>
      </Confirm>
    </Page>
  );
}
