import { Button, FileInput, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { ErrorNote, reasonText, upload, useLocale, useSending, useWords, type Method } from '../../kit/index.js';
import { words } from './words.js';

interface Report {
  readonly rows: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly errors: readonly { readonly row: number; readonly reason: string; readonly detail: string; readonly cell?: string }[];
}

/** A file is sent to a method that imports rows; what was not taken is told row by row. */
export const ImportFile = ({ method, hint, onDone }: { readonly method: Method; readonly hint: string; readonly onDone: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const [file, setFile] = useState<File | null>(null);
  const sending = useSending();
  const [report, setReport] = useState<Report>();
  const send = async (): Promise<void> => {
    if (!file) return;
    setReport((await upload(method, file)) as unknown as Report);
    onDone();
  };
  return (
    <Stack gap="sm">
      <FileInput label={t('chooseFile')} description={hint} accept=".csv,.xlsx,text/csv" value={file} onChange={setFile} clearable />
      <Group justify="flex-end">
        <Button loading={sending.busy} disabled={!file} onClick={() => void sending.send(send)}>
          {t('send')}
        </Button>
      </Group>
      <ErrorNote error={sending.error} />
      {report && (
        <div role="status">
          <Text fw={600}>
            {t('rowsTaken', { n: report.accepted })} · {t('unchanged', { n: report.unchanged })} · {t('refusedRows', { n: report.refused })}
          </Text>
          {report.errors.length > 0 && (
            <Table fz="xs" mt="xs">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('row')}</Table.Th>
                  <Table.Th>{t('cell')}</Table.Th>
                  <Table.Th>{t('reason')}</Table.Th>
                  <Table.Th>{t('detail')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {report.errors.map((one, at) => (
                  <Table.Tr key={at}>
                    <Table.Td>{one.row}</Table.Td>
                    <Table.Td>{one.cell ?? ''}</Table.Td>
                    <Table.Td>{reasonText(one.reason, locale)}</Table.Td>
                    <Table.Td>{one.detail}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </div>
      )}
    </Stack>
  );
};
