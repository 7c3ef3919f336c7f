import { Button, Group, Table, Text, TextInput } from '@mantine/core';
import { IconFileSpreadsheet } from '@tabler/icons-react';
import { useState } from 'react';
import { asRpcError, formatMoney, openFile, tellError, useLocale, useRpc, useWords } from '../../kit/index.js';
import { Answered, Panel } from '../parts/frame.js';
import { instantOf, lastMonth } from './life.js';
import { words } from './words.js';

const dayOf = (iso: string, before = 0): string => new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' }).format(new Date(Date.parse(iso) - before));

/** Vouchers of a period, as a file for accounting. */
export const Books = () => {
  const t = useWords(words);
  const usual = lastMonth(new Date());
  const [from, setFrom] = useState(dayOf(usual.from));
  const [until, setUntil] = useState(dayOf(usual.until, 1));
  const [busy, setBusy] = useState(false);
  const [begin, end] = [instantOf(from), instantOf(until, true)];
  const good = begin !== undefined && end !== undefined && begin < end;
  const send = async (): Promise<void> => {
    if (!good) return;
    setBusy(true);
    await openFile('flotilla.settlement.v1.Books/Export', { from: begin, until: end }, `books-${from}-${until}.xlsx`).catch((error: unknown) => tellError(asRpcError(error)));
    setBusy(false);
  };
  return (
    <Panel title={t('books')}>
      <Text size="sm" maw={620} mb="sm">{t('booksMore')}</Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Group gap="xs" align="flex-end">
          <TextInput type="date" label={t('from')} value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
          <TextInput type="date" label={t('until')} value={until} onChange={(event) => setUntil(event.currentTarget.value)} />
          <Button type="submit" loading={busy} disabled={!good} leftSection={<IconFileSpreadsheet size={14} />}>{t('exportBooks')}</Button>
        </Group>
      </form>
    </Panel>
  );
};

/** Every account, by currency; each currency adds up to nothing. */
export const Balance = () => {
  const t = useWords(words);
  const locale = useLocale();
  const balance = useRpc('flotilla.settlement.v1.Ledger/TrialBalance', {}, { live: ['ledger', 'statement', 'order'], every: 30_000 });
  return (
    <Answered of={balance} empty={({ balances }) => balances.length === 0}>
      {({ balances }) => (
        <div className="f-room-grid" style={{ overflowY: 'auto' }}>
          {[...Map.groupBy(balances, (one) => one.balance.currency)].map(([currency, own]) => {
            const sum = own.reduce((total, one) => total + one.balance.amount, 0);
            return (
              <Panel key={currency} title={currency}>
                <Table fz="sm">
                  <Table.Thead><Table.Tr><Table.Th>{t('account')}</Table.Th><Table.Th ta="end">{t('amount')}</Table.Th></Table.Tr></Table.Thead>
                  <Table.Tbody>
                    {own.map((one) => <Table.Tr key={one.account}><Table.Td>{one.account}</Table.Td><Table.Td ta="end">{formatMoney(one.balance, locale)}</Table.Td></Table.Tr>)}
                    <Table.Tr fw={600}><Table.Td>{t('sum')} · {t(sum === 0 ? 'balanced' : 'notBalanced')}</Table.Td><Table.Td ta="end">{formatMoney({ amount: sum, currency }, locale)}</Table.Td></Table.Tr>
                  </Table.Tbody>
                </Table>
              </Panel>
            );
          })}
        </div>
      )}
    </Answered>
  );
};
