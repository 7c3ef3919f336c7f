import { Button, Card, Drawer, Group, Progress, ScrollArea, Stack, Switch, Table, Text } from '@mantine/core';
import type { order } from '@flotilla/contracts';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { Empty, Failed, formatNumber, newRequestId, reasonText, refreshAll, rpc, Tag, tellError, asRpcError, toast, useCommand, useLocale, useRpc, useWords, When } from '../../kit/index.js';
import { saveText, toCsv } from './report.js';
import { words } from './words.js';

/** All outcomes of an operation, page by page. */
const outcomesOf = async (operationId: string, outcome = ''): Promise<readonly order.Outcome[]> => {
  const all: order.Outcome[] = [];
  for (let token = ''; ; ) {
    const { outcomes, nextToken } = await rpc('flotilla.order.v1.Operations/ListOutcomes', { operationId, outcome, page: { size: 500, token } });
    all.push(...outcomes);
    if (nextToken === '') return all;
    token = nextToken;
  }
};

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What was not done of an operation, begun anew as another one. */
const retry = async ({ operationId, action, reason, holdType, blocks }: order.Operation): Promise<void> => {
  const ids = [...(await outcomesOf(operationId, 'FAILED')), ...(await outcomesOf(operationId, 'REFUSED'))].map(({ orderId }) => orderId);
  await rpc('flotilla.order.v1.Operations/Start', { requestId: newRequestId(), action, reason, holdType, blocks, orderIds: ids });
  refreshAll('flotilla.order.v1.Operations/List');
};

const One = ({ operation, onEnded }: { readonly operation: order.Operation; readonly onEnded: (operation: order.Operation) => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [open, setOpen] = useState(false);
  const [problems, setProblems] = useState(true);
  const running = operation.state === 'RUNNING';
  const { data } = useRpc('flotilla.order.v1.Operations/Get', { operationId: operation.operationId }, { enabled: running, every: 700 });
  const now = running && data ? data : operation;
  const left = now.refused + now.failed;
  const cancel = useCommand('flotilla.order.v1.Operations/Cancel', { refreshes: ['flotilla.order.v1.Operations/List', 'flotilla.order.v1.Operations/Get'] });
  const { data: shown } = useRpc('flotilla.order.v1.Operations/ListOutcomes', { operationId: now.operationId, page: { size: 200 }, outcome: problems ? (now.failed > 0 ? 'FAILED' : 'REFUSED') : '' }, { enabled: open });
  const ended = useRef(!running);
  useEffect(() => {
    if (ended.current || now.state === 'RUNNING') return;
    ended.current = true;
    onEnded(now);
  }, [now, onEnded]);
  const part = (n: number): number => (now.total === 0 ? 0 : (n / now.total) * 100);
  const action = t(now.action as 'Approve');
  const report = async (): Promise<void> => {
    try {
      const outcomes = await outcomesOf(now.operationId);
      saveText(`operation-${now.operationId}.csv`, toCsv([[t('order'), t('outcome'), t('reason'), t('message')], ...outcomes.map((one) => [one.orderId, one.outcome, one.reason === '' ? '' : reasonText(one.reason, locale), one.message])]));
    } catch (error) {
      tellError(asRpcError(error));
    }
  };
  return (
    <Card data-testid="operation">
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          <Text fw={600}>{t('operation', { action, n: now.total })}</Text>
          <Tag color={now.state === 'RUNNING' ? 'brand' : now.state === 'FINISHED' ? 'teal' : 'gray'}>{t(now.state === 'RUNNING' ? 'running' : now.state === 'FINISHED' ? 'finished' : 'stopped')}</Tag>
        </Group>
        <Progress.Root size="md" role="group" aria-label={t('operation', { action, n: now.total })}>
          <Progress.Section value={part(now.done)} color="teal" aria-label={t('done')} />
          <Progress.Section value={part(now.refused)} color="orange" aria-label={t('refused')} />
          <Progress.Section value={part(now.failed)} color="red" aria-label={t('failed')} />
        </Progress.Root>
        <Group gap="md">
          <Text size="xs">
            {t('done')} <b>{formatNumber(now.done, locale)}</b> · {t('refused')} <b>{formatNumber(now.refused, locale)}</b> · {t('failed')} <b>{formatNumber(now.failed, locale)}</b>
          </Text>
          <Text size="xs" c="dimmed">
            {now.by.replace(/^caller:/, '')} <When at={now.startedAt} />
          </Text>
        </Group>
        {now.reason !== '' && <Text size="xs">“{now.reason}”</Text>}
        <Group gap={4}>
          {now.state === 'RUNNING' && (
            <Button size="compact-xs" variant="default" loading={cancel.busy} onClick={() => void cancel.run({ operationId: now.operationId })}>
              {t('stop')}
            </Button>
          )}
          {now.state !== 'RUNNING' && left > 0 && (
            <Button size="compact-xs" variant="light" onClick={() => void retry(now).catch((error: unknown) => tellError(asRpcError(error)))}>
              {t('retryFailed', { n: left })}
            </Button>
          )}
          <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!open)} aria-expanded={open}>
            {t('outcomes')}
          </Button>
          <Button size="compact-xs" variant="subtle" onClick={() => void report()}>
            {t('report')}
          </Button>
        </Group>
        {open && (
          <>
            <Switch label={t('onlyProblems')} checked={problems} onChange={(event) => setProblems(event.currentTarget.checked)} />
            <Table.ScrollContainer minWidth={320} maxHeight={260}>
              <Table verticalSpacing={2} horizontalSpacing={6} stickyHeader>
                <Table.Tbody>
                  {(shown?.outcomes ?? []).map((one) => (
                    <Table.Tr key={one.orderId}>
                      <Table.Td>
                        <Link to={`/orders/${one.orderId}`}>{one.orderId.slice(0, 8)}</Link>
                      </Table.Td>
                      <Table.Td>{one.outcome === 'DONE' ? t('done') : one.outcome === 'REFUSED' ? t('refused') : t('failed')}</Table.Td>
                      <Table.Td title={one.message}>{one.reason === '' ? '' : reasonText(one.reason, locale)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          </>
        )}
      </Stack>
    </Card>
  );
};

/** Bulk work that runs and that has run, the newest first. */
export const Operations = ({ opened, onClose, onEnded }: { readonly opened: boolean; readonly onClose: () => void; readonly onEnded: () => void }) => {
  const t = useWords(words);
  const { data, error, refetch } = useRpc('flotilla.order.v1.Operations/List', { page: { size: 20 } }, { enabled: opened, live: ['operation'] });
  const ended = useRef(onEnded);
  ended.current = onEnded;
  const [told] = useState(() => async (operation: order.Operation) => {
    toast({ title: t('operationDone', { action: t(operation.action as 'Approve'), done: operation.done, refused: operation.refused, failed: operation.failed }), tone: operation.failed > 0 ? 'warning' : 'done', id: operation.operationId });
    // The desk's rows follow its log.
    await wait(500);
    ended.current();
  });
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={420} title={t('bulk')} scrollAreaComponent={ScrollArea.Autosize} withOverlay={false} lockScroll={false} trapFocus={false} closeOnClickOutside={false} classNames={{ content: 'f-aside' }}>
      <Stack gap="xs">
        {error && !data && <Failed error={error} retry={refetch} />}
        {data?.operations.length === 0 && <Empty>{t('noOperations')}</Empty>}
        {data?.operations.map((operation) => (
          <One key={operation.operationId} operation={operation} onEnded={(one) => void told(one)} />
        ))}
      </Stack>
    </Drawer>
  );
};
