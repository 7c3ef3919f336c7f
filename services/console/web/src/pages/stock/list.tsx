import { Text } from '@mantine/core';
import type { allocation } from '@flotilla/contracts';
import { useState } from 'react';
import { DataTable, Empty, Failed, formatNumber, Loading, Tag, useWords, type Column } from '../../kit/index.js';
import type { Paged } from '../parts/paged.js';
import { partsOf, type Part } from './levels.js';
import { Shelf } from './shelf.js';
import { words } from './words.js';

type Level = allocation.StockLevel;

export const colours: Readonly<Record<Part['name'], string>> = { unsellable: '#868e96', confirmed: '#0072B2', held: '#E69F00', safety: '#56B4E9', available: '#009E73' };

/** How a shelf divides, as a bar; its words are its title. */
export const Division = ({ level }: { readonly level: Level }) => {
  const t = useWords(words);
  const parts = partsOf(level).filter(({ units }) => units > 0);
  const title = parts.map(({ name, units }) => `${t(name)} ${formatNumber(units)}`).join(' · ') || `${t('onHand')} 0`;
  return (
    <span className="f-room-bar" role="img" aria-label={title} title={title}>
      {parts.map(({ name, units }) => (
        <i key={name} style={{ flex: units, background: colours[name] }} />
      ))}
    </span>
  );
};

/** Shelves by warehouse and SKU; one opens beside the list. */
export const Levels = ({ levels, frozen, onSku }: { readonly levels: Paged<Level>; readonly frozen: ReadonlySet<string>; readonly onSku: (sku: string) => void }) => {
  const t = useWords(words);
  const [open, setOpen] = useState<{ readonly warehouse: string; readonly sku: string }>();
  const number = (id: keyof Level & ('onHand' | 'held' | 'confirmed' | 'free' | 'safety' | 'available' | 'inTransit' | 'unsellable'), more: Partial<Column<Level>> = {}): Column<Level> => ({
    id, header: t(id), width: 96, align: 'end', cell: (row) => (row[id] === 0 ? <Text span c="dimmed">0</Text> : formatNumber(row[id])), ...more,
  });
  const columns: readonly Column<Level>[] = [
    { id: 'sku', header: t('sku'), width: 190, pinned: true, cell: (row) => <>{row.sku}{frozen.has(row.sku) && <Tag color="blue">{t('frozenNow')}</Tag>}</> },
    { id: 'warehouse', header: t('warehouse'), width: 110, cell: (row) => row.warehouse },
    number('onHand'),
    number('held'),
    number('confirmed'),
    number('free'),
    number('available', { cell: (row) => <Text span fw={600} {...(row.available <= 0 ? { c: 'red' } : {})}>{formatNumber(row.available)}</Text> }),
    { id: 'split', header: t('split'), width: 150, grow: true, cell: (row) => <Division level={row} /> },
    number('safety'),
    number('inTransit'),
    number('unsellable', { hidden: true }),
  ];
  if (levels.loading) return <Loading />;
  if (levels.error && levels.rows.length === 0) return <Failed error={levels.error} retry={levels.refetch} />;
  return (
    <>
      <div className="f-room-list">
        <DataTable
          label={t('levels')}
          rows={levels.rows}
          more={levels.more}
          rowKey={({ warehouse, sku }) => `${warehouse}/${sku}`}
          columns={columns}
          remember="stock"
          onOpen={setOpen}
          empty={<Empty title={t('empty')}>{t('emptyMore')}</Empty>}
          phoneHeight={66}
          phone={(row) => (
            <div>
              <Text fw={600} lineClamp={1}>
                {row.sku} <Text span c="dimmed">{row.warehouse}</Text>
              </Text>
              <Text size="xs">
                {t('onHand')} {formatNumber(row.onHand)} · {t('held')} {formatNumber(row.held)} · {t('available')} {formatNumber(row.available)}
              </Text>
              <Division level={row} />
            </div>
          )}
        />
      </div>
      <Shelf of={open} frozen={open !== undefined && frozen.has(open.sku)} onClose={() => setOpen(undefined)} onSku={onSku} />
    </>
  );
};
