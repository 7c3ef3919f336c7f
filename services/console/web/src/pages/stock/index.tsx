import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { formatNumber, Page, refreshAll, useMay, useRpc, useWords } from '../../kit/index.js';
import { useParam } from '../parts/address.js';
import { Figure, Figures, PageTabs } from '../parts/frame.js';
import { ImportFile } from '../parts/import.js';
import { usePaged } from '../parts/paged.js';
import { Frozen } from './frozen.js';
import { colours, Levels } from './list.js';
import { sumsOf } from './levels.js';
import { words } from './words.js';

/** Stock: what is where, and what of it is promised. */
const Stock = () => {
  const t = useWords(words);
  const [warehouse, setWarehouse] = useParam('warehouse');
  const [sku, setSku] = useParam('sku');
  const [typed, setTyped] = useState(sku);
  const search = useDebouncedCallback(setSku, 300);
  const [importing, importer] = useDisclosure(false);
  const mayImport = useMay('flotilla.allocation.v1.Stock/Import');
  const warehouses = useRpc('flotilla.allocation.v1.Warehouses/List', {}, { live: ['warehouse'] });
  const freezes = useRpc('flotilla.allocation.v1.Freezes/List', { page: { size: 500 } }, { live: ['freeze'] });
  const levels = usePaged('flotilla.allocation.v1.Stock/List', { warehouse, sku }, (answer) => answer.levels, { live: ['stock'], size: 200 });
  const sums = sumsOf(levels.rows);
  const frozen = freezes.data?.freezes ?? [];
  return (
    <Page
      fill
      title={t('title')}
      subtitle={t('subtitle')}
      actions={
        mayImport && (
          <Button variant="default" leftSection={<IconUpload size={14} />} onClick={importer.open}>
            {t('import')}
          </Button>
        )
      }
    >
      <PageTabs
        label={t('title')}
        tabs={[
          {
            value: 'levels',
            label: t('levels'),
            content: () => (
              <>
                <Group gap="xs" align="flex-end">
                  <Select
                    aria-label={t('warehouse')}
                    placeholder={t('allWarehouses')}
                    clearable
                    searchable
                    data={(warehouses.data?.warehouses ?? []).map((one) => ({ value: one.warehouse, label: one.name === '' ? one.warehouse : `${one.warehouse} · ${one.name}` }))}
                    value={warehouse === '' ? null : warehouse}
                    onChange={(value) => setWarehouse(value ?? '')}
                  />
                  <TextInput
                    aria-label={t('sku')}
                    placeholder={t('sku')}
                    value={typed}
                    onChange={(event) => {
                      setTyped(event.currentTarget.value);
                      search(event.currentTarget.value.trim());
                    }}
                  />
                </Group>
                <Figures>
                  <Figure label={t('onHand')} value={formatNumber(sums.onHand)} hint={t('shownSums')} />
                  <Figure label={t('held')} colour={colours.held} value={formatNumber(sums.held)} to="/locks" />
                  <Figure label={t('confirmed')} colour={colours.confirmed} value={formatNumber(sums.confirmed)} to="/locks" />
                  <Figure label={t('available')} colour={colours.available} value={formatNumber(sums.available)} />
                  <Figure label={t('emptyShelves')} value={formatNumber(sums.empty)} {...(sums.empty > 0 ? { tone: 'warn' as const } : {})} />
                  <Figure label={t('frozenNow')} value={formatNumber(frozen.length)} to="/stock?tab=frozen" {...(frozen.length > 0 ? { tone: 'bad' as const } : {})} />
                </Figures>
                <Levels levels={levels} frozen={new Set(frozen.map((one) => one.sku))} onSku={(value) => { setTyped(value); setSku(value); }} />
              </>
            ),
          },
          { value: 'frozen', label: t('frozen'), count: frozen.length, urgent: true, content: () => <Frozen freezes={freezes} /> },
        ]}
      />
      <Modal opened={importing} onClose={importer.close} title={t('importTitle')} size="lg">
        <ImportFile method="flotilla.allocation.v1.Stock/Import" hint={t('importHint')} onDone={() => refreshAll('flotilla.allocation.v1.Stock/List')} />
      </Modal>
    </Page>
  );
};

export default Stock;
