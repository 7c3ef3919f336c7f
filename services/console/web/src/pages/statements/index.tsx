import { Button, FileInput, Group, Modal, Select, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { asRpcError, ErrorNote, Page, refreshAll, toast, upload, useMay, useRpc, useLocale, useWords, type RpcError } from '../../kit/index.js';
import { PageTabs } from '../parts/frame.js';
import { Balance, Books } from './books.js';
import { StatementList } from './list.js';
import { words } from './words.js';
import { Worklist } from './worklist.js';

const Import = ({ onDone }: { readonly onDone: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const channels = useRpc('flotilla.ingest.v1.Channels/List', { page: { size: 200 } });
  const formats = useRpc('flotilla.settlement.v1.StatementFormats/List', {});
  const [channel, setChannel] = useState<string | null>(null);
  const [format, setFormat] = useState<string | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RpcError>();
  const send = async (): Promise<void> => {
    if (!file || channel === null) return;
    setBusy(true);
    setError(undefined);
    try {
      const statement = await upload('flotilla.settlement.v1.Statements/Import', file, { channel, format: format ?? '', fileName: file.name });
      toast({ message: t('imported', { batch: statement.batchNo, n: statement.matched }), tone: 'done' });
      refreshAll('flotilla.settlement.v1.Statements/List', 'flotilla.settlement.v1.Worklist/List');
      onDone();
    } catch (thrown) {
      setError(asRpcError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const names = [
    ...(formats.data?.formats ?? []).map(({ name, titleZh, titleEn }) => ({ value: name, label: (locale === 'zh-CN' ? titleZh : titleEn) || name })),
    ...(formats.data?.described ?? []).map(({ mapping: { name, titleZh, titleEn } }) => ({ value: name, label: (locale === 'zh-CN' ? titleZh : titleEn) || name })),
  ];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Stack gap="sm">
        <Select label={t('channel')} required searchable data={(channels.data?.channels ?? []).map(({ id, name }) => ({ value: id, label: name === '' ? id : `${id} · ${name}` }))} value={channel} onChange={setChannel} data-autofocus />
        <Select label={t('format')} placeholder={t('byBytes')} clearable data={names} value={format} onChange={setFormat} />
        <FileInput label={t('chooseFile')} description={t('importHint')} required value={file} onChange={setFile} />
        <ErrorNote error={error} />
        <Group justify="flex-end">
          <Button type="submit" loading={busy} disabled={!file || channel === null}>{t('send')}</Button>
        </Group>
      </Stack>
    </form>
  );
};

/** Money that others say they paid: statements, lines that do not fit, and the books. */
const Statements = () => {
  const t = useWords(words);
  const [importing, importer] = useDisclosure(false);
  const [may, mayBooks] = [useMay('flotilla.settlement.v1.Statements/Import'), useMay('flotilla.settlement.v1.Books/Export')];
  const worklist = useRpc('flotilla.settlement.v1.Worklist/List', { page: { size: 500 } }, { live: ['statement'] });
  return (
    <Page title={t('title')} subtitle={t('subtitle')} fill actions={may && <Button variant="default" leftSection={<IconUpload size={14} />} onClick={importer.open}>{t('import')}</Button>}>
      <PageTabs
        label={t('title')}
        tabs={[
          { value: 'statements', label: t('statements'), content: () => <StatementList /> },
          { value: 'worklist', label: t('worklist'), count: worklist.data?.lines.length, urgent: true, content: () => <Worklist /> },
          ...(mayBooks ? [{ value: 'books', label: t('books'), content: () => <Books /> }, { value: 'balance', label: t('balance'), content: () => <Balance /> }] : []),
        ]}
      />
      <Modal opened={importing} onClose={importer.close} title={t('import')}>
        <Import onDone={importer.close} />
      </Modal>
    </Page>
  );
};

export default Statements;
