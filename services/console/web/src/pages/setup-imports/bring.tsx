import { Alert, Anchor, Button, FileInput, Group, Select, Stack, Table as Grid, Text } from '@mantine/core';
import { IconDownload, IconFileUpload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { ErrorNote, reasonText, Tag, upload, useMay, useSending, useWords } from '../../kit/index.js';
import type { Kind } from './kinds.js';
import { readFile } from './read-file.js';
import { leftOver, located, matched, missingColumns, toCsv, type ColumnMap, type RowProblem, type Table } from './table.js';
import { words } from './words.js';

interface Report {
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly errors: readonly RowProblem[];
}

/** The SKU map counts items, and names what it left out otherwise. */
const asReport = (answer: Readonly<Record<string, unknown>>): Report => {
  const errors = ((answer['errors'] ?? []) as readonly Partial<RowProblem>[]).map((one) => ({ row: Number(one.row ?? 0), reason: one.reason ?? '', detail: one.detail ?? '', cell: one.cell ?? '' }));
  const number = (name: string): number => Number(answer[name] ?? 0);
  if ('leftOut' in answer) return { accepted: number('changed'), unchanged: number('items') - number('changed'), refused: number('leftOut'), errors };
  return { accepted: number('accepted'), unchanged: number('unchanged'), refused: number('refused'), errors };
};

const key = (kind: Kind): string => `flotilla.import.${kind.id}`;
const remembered = (kind: Kind): ColumnMap => {
  try {
    return JSON.parse(localStorage.getItem(key(kind)) ?? '{}') as ColumnMap;
  } catch {
    return {};
  }
};

const save = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
};

/** A file of one kind: its columns are found, shown and corrected; what was not taken is told cell by cell. */
export const Bring = ({ kind, onDone }: { readonly kind: Kind; readonly onDone: () => void }) => {
  const t = useWords(words);
  const may = useMay(kind.method);
  const [file, setFile] = useState<File | null>(null);
  const [table, setTable] = useState<Table | null>();
  const [map, setMap] = useState<ColumnMap>({});
  const sending = useSending();
  const [report, setReport] = useState<Report>();
  const take = (given: File | null): void => {
    setFile(given);
    setReport(undefined);
    sending.reset();
    setTable(undefined);
    if (!given) return;
    void readFile(given).then(
      (read) => {
        setTable(read ?? null);
        if (read) setMap(matched(kind.columns, read.columns, remembered(kind)));
      },
      () => setTable(null),
    );
  };
  // Below a long list of columns it would not be seen.
  const outcome = useRef<HTMLElement>(null);
  useEffect(() => outcome.current?.scrollIntoView({ block: 'nearest' }), [report]);
  const lacking = missingColumns(kind.columns, map);
  const asBefore = Object.keys(remembered(kind)).length > 0 && Object.entries(remembered(kind)).every(([name, column]) => map[name] === column);
  const send = async (): Promise<void> => {
    if (!table) return;
    setReport(asReport((await upload(kind.method, new Blob([toCsv(kind.columns, map, table)]))) as Readonly<Record<string, unknown>>));
    localStorage.setItem(key(kind), JSON.stringify(map));
    onDone();
  };
  return (
    <Stack gap="sm">
      <Text c="dimmed">{t(kind.more)}</Text>
      <Group gap="sm" align="end">
        <FileInput label={t('file')} description={t('fileHint')} accept=".csv,.xlsx,.txt" value={file} onChange={take} clearable clearButtonProps={{ 'aria-label': t('nothing') }} leftSection={<IconFileUpload size={16} />} style={{ flex: '1 1 260px' }} />
        <Button variant="subtle" leftSection={<IconDownload size={16} />} onClick={() => save(`${kind.id}.csv`, `${kind.columns.map(({ name }) => name).join(',')}\n`)}>
          {t('template')}
        </Button>
      </Group>
      {table === null && <Alert color="yellow">{t('notReadable')}</Alert>}
      {table && (
        <>
          <Group gap="xs">
            <Text fw={600}>{t('rows', { n: table.rows.length })}</Text>
            {asBefore && (
              <Tag color="teal">{t('remembered')}</Tag>
            )}
          </Group>
          <Grid.ScrollContainer minWidth={420}>
            <Grid verticalSpacing={3}>
              <Grid.Thead>
                <Grid.Tr>
                  <Grid.Th>{t('column')}</Grid.Th>
                  <Grid.Th>{t('fromColumn')}</Grid.Th>
                  <Grid.Th>{t('example')}</Grid.Th>
                </Grid.Tr>
              </Grid.Thead>
              <Grid.Tbody>
                {kind.columns.map(({ name, needed }) => (
                  <Grid.Tr key={name}>
                    <Grid.Th scope="row" fw={500}>
                      {name}{' '}
                      {needed && map[name] === undefined && (
                        <Tag color="orange">{t('needed')}</Tag>
                      )}
                    </Grid.Th>
                    <Grid.Td>
                      <Select aria-label={`${name}: ${t('fromColumn')}`} placeholder={t('nothing')} clearable searchable data={[...new Set(table.columns)].filter((column) => column !== '')} value={map[name] ?? null} onChange={(column) => setMap(Object.fromEntries(Object.entries({ ...map, [name]: column ?? '' }).filter(([, one]) => one !== '')))} />
                    </Grid.Td>
                    <Grid.Td c="dimmed" maw={260} style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
                      {map[name] === undefined ? '' : table.rows.slice(0, 3).map((row) => row[table.columns.indexOf(map[name]!)] ?? '').join(' · ')}
                    </Grid.Td>
                  </Grid.Tr>
                ))}
              </Grid.Tbody>
            </Grid>
          </Grid.ScrollContainer>
          {lacking.length > 0 && <Alert color="yellow">{t('missing', { columns: lacking.join(', ') })}</Alert>}
          <Group>
            <Button disabled={!may || lacking.length > 0 || table.rows.length === 0} loading={sending.busy} onClick={() => void sending.send(send)}>
              {t('import', { n: table.rows.length })}
            </Button>
          </Group>
        </>
      )}
      <ErrorNote error={sending.error} />
      {report && table && (
        <section aria-live="polite" data-testid="import-report" ref={outcome}>
          <Group gap="xs" mb="xs">
            <Tag color="teal">{t('accepted', { n: report.accepted })}</Tag>
            <Tag>{t('unchanged', { n: report.unchanged })}</Tag>
            {report.refused > 0 && <Tag color="red">{t('refused', { n: report.refused })}</Tag>}
            {report.errors.length > 0 && (
              <Anchor component="button" type="button" size="sm" onClick={() => save(`${kind.id}-left-out.csv`, leftOver(table, report.errors, ({ reason, detail }) => `${reasonText(reason)}: ${detail}`))}>
                {t('download')}
              </Anchor>
            )}
          </Group>
          {report.errors.length > 0 && (
            <Grid.ScrollContainer minWidth={420}>
              <Grid verticalSpacing={3}>
                <Grid.Thead>
                  <Grid.Tr>
                    <Grid.Th>{t('row')}</Grid.Th>
                    <Grid.Th>{t('where')}</Grid.Th>
                    <Grid.Th>{t('value')}</Grid.Th>
                    <Grid.Th>{t('problem')}</Grid.Th>
                  </Grid.Tr>
                </Grid.Thead>
                <Grid.Tbody>
                  {report.errors.map((problem, place) => {
                    const { column, value } = located(kind.columns, map, table, problem);
                    return (
                      <Grid.Tr key={place}>
                        <Grid.Td>{problem.row}</Grid.Td>
                        <Grid.Td>{column}</Grid.Td>
                        <Grid.Td>{value}</Grid.Td>
                        <Grid.Td>
                          {reasonText(problem.reason)}: {problem.detail}
                        </Grid.Td>
                      </Grid.Tr>
                    );
                  })}
                </Grid.Tbody>
              </Grid>
            </Grid.ScrollContainer>
          )}
          {report.refused > report.errors.length && <Text c="dimmed">{t('more', { n: report.errors.length })}</Text>}
        </section>
      )}
    </Stack>
  );
};
