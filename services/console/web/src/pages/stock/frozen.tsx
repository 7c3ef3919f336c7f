import { Button } from '@mantine/core';
import type { allocation } from '@flotilla/contracts';
import { useState } from 'react';
import { Confirm, DataTable, Empty, useCommand, useMay, useWords, When, type Asked, type Column } from '../../kit/index.js';
import { Answered } from '../parts/frame.js';
import { words } from './words.js';

/** SKUs that are promised to nobody, and why. */
export const Frozen = ({ freezes }: { readonly freezes: Asked<allocation.ListFreezesResponse> }) => {
  const t = useWords(words);
  const may = useMay('flotilla.allocation.v1.Freezes/Unfreeze');
  const unfreeze = useCommand('flotilla.allocation.v1.Freezes/Unfreeze', { refreshes: ['flotilla.allocation.v1.Freezes/List'] });
  const [chosen, setChosen] = useState<string>();
  const columns: readonly Column<allocation.SkuFreeze>[] = [
    { id: 'sku', header: t('sku'), width: 180, pinned: true, cell: (row) => row.sku },
    { id: 'reason', header: t('reason'), width: 260, grow: true, cell: (row) => (row.reserved > 0 ? `${row.reason} · ${t('failures', { failed: row.failed, reserved: row.reserved })}` : row.reason) },
    { id: 'since', header: t('frozenSince'), width: 150, cell: (row) => <When at={row.since} /> },
    { id: 'until', header: t('until'), width: 150, cell: (row) => (row.until === '' ? t('byHand') : <When at={row.until} />) },
    ...(may ? [{ id: 'act', header: '', width: 100, cell: (row: allocation.SkuFreeze) => <Button size="compact-xs" variant="default" onClick={() => setChosen(row.sku)}>{t('unfreeze')}</Button> }] : []),
  ];
  return (
    <Answered of={freezes}>
      {({ freezes: rows }) => (
        <>
          <div className="f-room-list">
            <DataTable label={t('frozen')} rows={rows} rowKey={(row) => row.sku} columns={columns} empty={<Empty title={t('noFrozen')}>{t('noFrozenMore')}</Empty>} />
          </div>
          <Confirm opened={chosen !== undefined} title={t('unfreezeTitle', { sku: chosen ?? '' })} reason="needed" action={t('unfreeze')} onClose={() => setChosen(undefined)} onConfirm={(reason) => unfreeze.run({ sku: chosen ?? '', reason })} />
        </>
      )}
    </Answered>
  );
};
