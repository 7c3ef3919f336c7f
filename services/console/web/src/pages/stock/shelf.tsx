import { Alert, Button, Group, NumberInput, Select, Stack, Text, Title } from '@mantine/core';
import type { allocation } from '@flotilla/contracts';
import { IconAdjustments, IconLockOpen, IconSnowflake } from '@tabler/icons-react';
import { useState } from 'react';
import { Confirm, DataTable, Empty, ErrorNote, formatNumber, KeyValue, toast, useCommand, useMay, useRpc, useWords, When, type Column } from '../../kit/index.js';
import { Answered, Side } from '../parts/frame.js';
import { usePaged } from '../parts/paged.js';
import { Division } from './list.js';
import { causes, displacedBy, problemOf, reasons } from './levels.js';
import { words } from './words.js';

type Level = allocation.StockLevel;
type Movement = allocation.StockMovement;

const shown = ['flotilla.allocation.v1.Stock/List', 'flotilla.allocation.v1.Stock/Get', 'flotilla.allocation.v1.Stock/Movements'] as const;

const Adjust = ({ level, onDone }: { readonly level: Level; readonly onDone: () => void }) => {
  const t = useWords(words);
  const adjust = useCommand('flotilla.allocation.v1.Stock/Adjust', { refreshes: shown, quiet: true });
  const [delta, setDelta] = useState<number | string>('');
  const [reason, setReason] = useState('');
  const [cause, setCause] = useState('');
  const wanted = { delta: Number(delta === '' ? 0 : delta), reason, cause };
  const problem = problemOf(wanted, level);
  const lost = problem === undefined ? displacedBy(wanted, level) : 0;
  const aside = reason === 'UNSELLABLE' || reason === 'SCRAPPED';
  const send = async (): Promise<void> => {
    if (problem !== undefined) return;
    const after = await adjust.run({ warehouse: level.warehouse, sku: level.sku, delta: wanted.delta, reason, cause: aside ? cause : '' });
    if (!after) return;
    toast({ message: t('adjusted', { sku: level.sku, n: after.onHand }), tone: 'done' });
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Stack gap="xs">
        <Group grow align="flex-start">
          <NumberInput label={t('delta')} description={t('deltaHint')} required allowDecimal={false} min={-1_000_000} max={1_000_000} value={delta} onChange={setDelta} data-autofocus />
          <Select label={t('reason')} description={' '} required data={reasons.map((value) => ({ value, label: t(value) }))} value={reason === '' ? null : reason} onChange={(value) => setReason(value ?? '')} />
        </Group>
        {aside && <Select label={t('cause')} data={causes.map((value) => ({ value, label: t(value) }))} value={cause === '' ? null : cause} onChange={(value) => setCause(value ?? '')} />}
        {problem !== undefined && (delta !== '' || reason !== '') && (
          <Text size="xs" c="red" role="status">
            {t(problem)}
          </Text>
        )}
        {lost > 0 && <Alert color="yellow" p="xs">{t('takesBack', { n: lost })}</Alert>}
        <ErrorNote error={adjust.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={adjust.busy} disabled={problem !== undefined}>
            {t('adjust')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Safety = ({ level }: { readonly level: Level }) => {
  const t = useWords(words);
  const set = useCommand('flotilla.allocation.v1.Stock/SetSafety', { refreshes: shown });
  const [units, setUnits] = useState<number | string>(level.safety);
  const [from, setFrom] = useState<number | string>(level.safetyFromPriority);
  return (
    <Group align="flex-end" gap="xs">
      <NumberInput label={t('safetyUnits')} min={0} max={1_000_000} allowDecimal={false} value={units} onChange={setUnits} w={130} />
      <NumberInput label={t('safetyFrom')} description={t('safetyNone')} min={0} max={100} allowDecimal={false} value={from} onChange={setFrom} w={190} inputWrapperOrder={['label', 'input', 'description']} />
      <Button variant="default" loading={set.busy} onClick={() => void set.run({ warehouse: level.warehouse, sku: level.sku, units: Number(units), fromPriority: Number(from) })}>
        {t('setSafety')}
      </Button>
    </Group>
  );
};

const movementNames = { COUNTED: 'COUNTED_M', SCRAPPED: 'SCRAPPED_M' } as const;

const Movements = ({ warehouse, sku }: { readonly warehouse: string; readonly sku: string }) => {
  const t = useWords(words);
  const movements = usePaged('flotilla.allocation.v1.Stock/Movements', { warehouse, sku }, (answer) => answer.movements, { live: ['stock'] });
  const name = (type: string): string => t((movementNames[type as keyof typeof movementNames] ?? type) as 'HELD');
  const columns: readonly Column<Movement>[] = [
    { id: 'at', header: t('when'), width: 112, cell: (row) => <When at={row.at} /> },
    { id: 'type', header: t('movements'), width: 110, cell: (row) => name(row.type) },
    { id: 'quantity', header: '±', width: 56, align: 'end', cell: (row) => formatNumber(row.quantity) },
    { id: 'onHand', header: t('onHand'), width: 74, align: 'end', cell: (row) => formatNumber(row.onHand) },
    { id: 'free', header: t('free'), width: 66, align: 'end', cell: (row) => formatNumber(row.free) },
    { id: 'cause', header: t('cause'), width: 160, grow: true, cell: (row) => <span title={[row.cause, row.actor, row.by].filter(Boolean).join(' · ')}>{[row.cause, row.actor.startsWith('caller:') ? row.actor.slice(7) : ''].filter(Boolean).join(' · ')}</span> },
  ];
  return <DataTable label={t('movements')} rows={movements.rows} more={movements.more} rowKey={(row) => String(row.version)} columns={columns} keys={false} height={340} empty={movements.loading ? undefined : <Empty title={t('noMovements')} />} />;
};

/** One shelf: its figures, what may be done, what moved it. */
export const Shelf = ({ of, frozen, onClose, onSku }: { readonly of: { readonly warehouse: string; readonly sku: string } | undefined; readonly frozen: boolean; readonly onClose: () => void; readonly onSku: (sku: string) => void }) => (
  <Side opened={of !== undefined} title={of ? `${of.sku} · ${of.warehouse}` : ''} onClose={onClose}>
    {of && <Inside key={`${of.warehouse}/${of.sku}`} {...of} frozen={frozen} onSku={(sku) => { onSku(sku); onClose(); }} />}
  </Side>
);

const Inside = ({ warehouse, sku, frozen, onSku }: { readonly warehouse: string; readonly sku: string; readonly frozen: boolean; readonly onSku: (sku: string) => void }) => {
  const t = useWords(words);
  const level = useRpc('flotilla.allocation.v1.Stock/Get', { warehouse, sku }, { live: ['stock'], ids: [`${warehouse}.${sku}`] });
  const freeze = useCommand('flotilla.allocation.v1.Freezes/Freeze', { refreshes: ['flotilla.allocation.v1.Freezes/List'] });
  const unfreeze = useCommand('flotilla.allocation.v1.Freezes/Unfreeze', { refreshes: ['flotilla.allocation.v1.Freezes/List'] });
  const [mayAdjust, mayFreeze, maySafety] = [useMay('flotilla.allocation.v1.Stock/Adjust'), useMay('flotilla.allocation.v1.Freezes/Freeze'), useMay('flotilla.allocation.v1.Stock/SetSafety')];
  const [asked, setAsked] = useState<'adjust' | 'safety' | 'freeze'>();
  return (
    <Answered of={level}>
      {(one) => (
        <Stack gap="md">
          <Division level={one} />
          <KeyValue
            keep
            pairs={[
              [t('onHand'), formatNumber(one.onHand)],
              [t('held'), formatNumber(one.held)],
              [t('confirmed'), formatNumber(one.confirmed)],
              [t('free'), formatNumber(one.free)],
              [t('safety'), formatNumber(one.safety)],
              [t('available'), formatNumber(one.available)],
              [t('unsellable'), formatNumber(one.unsellable)],
              [t('inTransit'), formatNumber(one.inTransit)],
            ]}
          />
          <Group gap="xs">
            {mayAdjust && (
              <Button leftSection={<IconAdjustments size={14} />} variant={asked === 'adjust' ? 'light' : 'filled'} aria-expanded={asked === 'adjust'} onClick={() => setAsked(asked === 'adjust' ? undefined : 'adjust')}>
                {t('adjust')}
              </Button>
            )}
            {maySafety && (
              <Button variant="default" aria-expanded={asked === 'safety'} onClick={() => setAsked(asked === 'safety' ? undefined : 'safety')}>
                {t('setSafety')}
              </Button>
            )}
            {mayFreeze && (
              <Button variant="default" leftSection={frozen ? <IconLockOpen size={14} /> : <IconSnowflake size={14} />} onClick={() => setAsked('freeze')}>
                {frozen ? t('unfreeze') : t('freeze')}
              </Button>
            )}
            <Button variant="subtle" onClick={() => onSku(sku)}>
              {t('backToList', { sku })}
            </Button>
          </Group>
          {asked === 'adjust' && <Adjust level={one} onDone={() => setAsked(undefined)} />}
          {asked === 'safety' && <Safety level={one} />}
          {one.inbound.length > 0 && (
            <div>
              <Title order={2} size="h5">{t('inbound')}</Title>
              <KeyValue pairs={one.inbound.map((line) => [line.inbound, <span key={line.inbound}>{formatNumber(line.announced - line.received)} · <When at={line.expectedAt} /></span>] as const)} />
            </div>
          )}
          <div>
            <Title order={2} size="h5" mb={4}>{t('movements')}</Title>
            <Movements warehouse={warehouse} sku={sku} />
          </div>
          <Confirm
            opened={asked === 'freeze'}
            title={t(frozen ? 'unfreezeTitle' : 'freezeTitle', { sku })}
            reason="needed"
            danger={!frozen}
            action={frozen ? t('unfreeze') : t('freeze')}
            onClose={() => setAsked(undefined)}
            onConfirm={(reason) => (frozen ? unfreeze : freeze).run({ sku, reason })}
          >
            {!frozen && <Text size="sm">{t('freezeMore')}</Text>}
          </Confirm>
        </Stack>
      )}
    </Answered>
  );
};
