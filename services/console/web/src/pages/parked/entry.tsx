import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import type { ingest } from '@flotilla/contracts';
import { useMemo, useState } from 'react';
import { ErrorNote, KeyValue, reasonText, toast, useCommand, useLocale, useMay, useRpc, useWords, When } from '../../kit/index.js';
import { Answered, Side } from '../parts/frame.js';
import { adviceOf, changedLines, fixOf, laidOut, toBase64 } from './fix.js';
import { words } from './words.js';

const refreshes = ['flotilla.ingest.v1.Quarantine/List', 'flotilla.ingest.v1.Quarantine/Count'] as const;

const Editor = ({ input, entry, onDone }: { readonly input: ingest.QuarantineInput; readonly entry: ingest.QuarantineEntry | undefined; readonly onDone: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const may = useMay('flotilla.ingest.v1.Quarantine/Replay');
  const replay = useCommand('flotilla.ingest.v1.Quarantine/Replay', { refreshes, quiet: true });
  const before = useMemo(() => laidOut(input.text), [input.text]);
  const [edited, setEdited] = useState(before.text);
  const [outcome, setOutcome] = useState<string>();
  const fix = fixOf(before, edited);
  const isText = input.text !== '' || input.payload.length === 0;
  const send = async (correctedPayload: string): Promise<void> => {
    setOutcome(undefined);
    const answer = await replay.run({ id: input.id, correctedPayload });
    if (!answer) return;
    if (answer.state === 'PLACED') {
      toast({ message: t('replayed'), tone: 'done' });
      onDone();
    } else setOutcome(t('parkedStill', { reason: reasonText(answer.reason, locale) }));
  };
  return (
    <Stack gap="sm">
      {input.waiting.length > 0 && <Text size="sm">{t('waitingIds', { n: input.waiting.length })}</Text>}
      {isText ? (
        <Textarea
          className="f-room-mono"
          label={t('input')}
          description={may ? t('edit') : undefined}
          readOnly={!may}
          autosize
          minRows={8}
          maxRows={22}
          spellCheck={false}
          value={edited}
          onChange={(event) => setEdited(event.currentTarget.value)}
          error={fix.kind === 'broken' ? t('broken', { line: fix.line, message: fix.message }) : undefined}
        />
      ) : (
        <Alert color="gray">{t('notText')}</Alert>
      )}
      {outcome !== undefined && (
        <Alert color="yellow" p="xs" role="alert">
          {outcome}
        </Alert>
      )}
      <ErrorNote error={replay.error} />
      {may && entry !== undefined && (
        <Group justify="space-between">
          <Text size="xs" c="dimmed">{fix.kind === 'ready' ? t('changed', { n: changedLines(before.text, edited) }) : ''}</Text>
          <Group gap="xs">
            {fix.kind !== 'unchanged' && (
              <Button variant="subtle" onClick={() => setEdited(before.text)}>
                {t('reset')}
              </Button>
            )}
            <Button variant="default" loading={replay.busy} onClick={() => void send('')}>
              {t('asItIs')}
            </Button>
            <Button loading={replay.busy} disabled={fix.kind !== 'ready'} onClick={() => void send(toBase64(edited))}>
              {t('corrected')}
            </Button>
          </Group>
        </Group>
      )}
    </Stack>
  );
};

const Opened = ({ id, entry, onDone }: { readonly id: string; readonly entry: ingest.QuarantineEntry | undefined; readonly onDone: () => void }) => {
  const input = useRpc('flotilla.ingest.v1.Quarantine/Open', { id });
  return <Answered of={input}>{(opened) => <Editor key={id} input={opened} entry={entry} onDone={onDone} />}</Answered>;
};

/** One input: why it waits, what helps, and the whole of it to be corrected. */
export const Entry = ({ id, entry, onClose }: { readonly id: string; readonly entry: ingest.QuarantineEntry | undefined; readonly onClose: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const opens = useMay('flotilla.ingest.v1.Quarantine/Open');
  return (
    <Side opened={id !== ''} size="xl" title={entry ? `${entry.channel} · ${entry.channelOrderId || entry.id.slice(0, 8)}` : id.slice(0, 8)} onClose={onClose}>
      <Stack gap="sm">
        {entry && (
          <>
            <Alert color="red" variant="light" p="xs" title={reasonText(entry.reason, locale)}>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{entry.detail}</Text>
            </Alert>
            <Alert color="blue" variant="light" p="xs" title={t('next')}>
              <Text size="sm">{t(adviceOf(entry.reason))}</Text>
            </Alert>
            <KeyValue pairs={[[t('source'), t(entry.source as 'FILE')], [t('received'), <When key="at" at={entry.receivedAt} />]]} />
          </>
        )}
        {opens ? <Opened id={id} entry={entry} onDone={onClose} /> : <Text size="sm" c="dimmed">{t('noRight')}</Text>}
      </Stack>
    </Side>
  );
};
