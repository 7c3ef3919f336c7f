import { Alert, Button, Group, List, Loader, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import type { order } from '@flotilla/contracts';
import { useEffect, useState } from 'react';
import { asRpcError, ErrorNote, newRequestId, reasonText, refreshAll, rpc, useLocale, useRpc, useWords, withGrace } from '../../kit/index.js';
import type { Asked } from './fields.js';
import { named } from './names.js';
import { words } from './words.js';

export const bulkActions = ['Approve', 'Hold', 'Release', 'Cancel', 'Intercept', 'AllowPartial'] as const;
export type BulkAction = (typeof bulkActions)[number];

/** One key each, everywhere. */
export const actionKeys = { Approve: 'e', Hold: 'h', Release: 'r', Cancel: 'c', ChangeAddress: 'a', Intercept: 'i', Split: 's', AllowPartial: 'p' } as const;

export const dangerous: readonly string[] = ['Cancel', 'Intercept'];

const handHolds = ['MANUAL', 'BUYER_REQUEST', 'RISK', 'ADDRESS'] as const;
const releasable = ['MANUAL', 'BUYER_REQUEST', 'RISK', 'PAYMENT', 'AMOUNT', 'ADDRESS', 'EXCEPTION', 'SKU_UNMATCHED'] as const;

/** Orders that are meant: by name, or all that a filter finds. */
export type Meant = { readonly orderIds: readonly string[] } | { readonly filter: Asked };

export const filterWire = (filter: Asked): NonNullable<Parameters<typeof rpc<'flotilla.order.v1.Orders/List'>>[1]['filter']> => filter as never;

const meant = (of: Meant): { readonly orderIds?: readonly string[]; readonly filter?: ReturnType<typeof filterWire> } => ('filter' in of ? { filter: filterWire(of.filter) } : { orderIds: of.orderIds });

/**
 * Many orders, one action: what would happen is counted before anything does, a reason is asked, and it leaves after the grace as an operation
 * that goes on by itself.
 */
export const BulkDialog = ({ action, of, holds, onClose, onStarted }: { readonly action: BulkAction | undefined; readonly of: Meant; readonly holds: readonly string[]; readonly onClose: () => void; readonly onStarted: (operation: order.Operation) => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [reason, setReason] = useState('');
  const [holdType, setHoldType] = useState<string>('MANUAL');
  useEffect(() => {
    setReason('');
    // Most often the holds that are there are of one kind.
    setHoldType(action === 'Release' ? (releasable.find((type) => holds.includes(type)) ?? 'MANUAL') : 'MANUAL');
  }, [action]); // eslint-disable-line react-hooks/exhaustive-deps -- as the dialog opens, not as rows change beneath it
  const asks = { action: action ?? '', ...(action === 'Hold' || action === 'Release' ? { holdType } : {}), ...meant(of) };
  const { data, error, fetching } = useRpc('flotilla.order.v1.Operations/Start', { ...asks, dryRun: true }, { enabled: action !== undefined });
  if (action === undefined) return null;
  const name = t(action);
  const start = (): void => {
    const requestId = newRequestId();
    const n = data?.done ?? 0;
    withGrace({
      what: t('what', { action: name, n, order: String(n) }),
      subjects: 'orderIds' in of ? of.orderIds : [],
      run: async () => {
        const operation = await rpc('flotilla.order.v1.Operations/Start', { ...asks, reason, requestId });
        onStarted(operation);
        refreshAll('flotilla.order.v1.Operations/List');
      },
    });
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title={name}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if ((data?.done ?? 0) > 0) start();
        }}
      >
        <Stack gap="sm">
          {(action === 'Hold' || action === 'Release') && (
            <Select
              label={action === 'Hold' ? t('holdType') : t('releaseType')}
              data={(action === 'Hold' ? handHolds : releasable).map((value) => ({ value, label: named('hold', value, locale) }))}
              value={holdType}
              allowDeselect={false}
              onChange={(value) => setHoldType(value ?? 'MANUAL')}
            />
          )}
          <ReasonField value={reason} onChange={setReason} />
          <div aria-live="polite" data-testid="dry-run">
            {error ? (
              <ErrorNote error={asRpcError(error)} />
            ) : !data || fetching ? (
              <Group gap="xs">
                <Loader size="xs" /> <Text>{t('counting')}</Text>
              </Group>
            ) : (
              <Alert variant="light" color={data.done > 0 ? 'brand' : 'yellow'} p="xs" title={t('dryRun')}>
                <Text fw={600}>{data.done > 0 ? t('would', { n: data.done }) : t('nothingToDo')}</Text>
                {data.refusals.length > 0 && (
                  <>
                    <Text>{t('wouldNot', { n: data.refused })}</Text>
                    <List size="sm" spacing={0}>
                      {data.refusals.map((refusal) => (
                        <List.Item key={refusal.reason}>
                          {refusal.orders} × {reasonText(refusal.reason, locale)}
                        </List.Item>
                      ))}
                    </List>
                  </>
                )}
              </Alert>
            )}
          </div>
          <Text size="xs" c="dimmed">
            {t('grace')}
          </Text>
          <Group justify="flex-end">
            <Button type="submit" disabled={!data || fetching || data.done === 0} {...(dangerous.includes(action) ? { color: 'red' } : {})}>
              {t('go', { action: name, n: data?.done ?? 0 })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};

const ReasonField = ({ value, onChange }: { readonly value: string; readonly onChange: (value: string) => void }) => {
  const t = useWords(words);
  return <Textarea label={t('reason')} autosize minRows={1} maxRows={5} maxLength={500} data-autofocus value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
};
