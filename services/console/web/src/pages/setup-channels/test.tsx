import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconPlugConnected, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { asRpcError, ErrorNote, rpc, RpcError, useWords, type AnswerOf, type RequestOf } from '../../kit/index.js';
import { words } from './words.js';

type Outcome = AnswerOf<'flotilla.ingest.v1.Channels/Test'>;

/** Asks the platform with what was typed, before anything is kept. */
export const ConnectionTest = ({ request }: { readonly request: RequestOf<'flotilla.ingest.v1.Channels/Test'> }) => {
  const t = useWords(words);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | RpcError>();
  const ask = (): void => {
    setBusy(true);
    setOutcome(undefined);
    rpc('flotilla.ingest.v1.Channels/Test', request)
      .then(setOutcome, (error: unknown) => setOutcome(asRpcError(error)))
      .finally(() => setBusy(false));
  };
  return (
    <Stack gap="xs">
      <Button variant="default" leftSection={<IconPlugConnected size={16} />} loading={busy} disabled={!request.id} onClick={ask} style={{ alignSelf: 'start' }}>
        {t('test')}
      </Button>
      <div aria-live="polite">
        {outcome instanceof RpcError && <ErrorNote error={outcome} />}
        {outcome && !(outcome instanceof RpcError) && (
          <Alert color={outcome.ok ? 'teal' : 'red'} p="xs" title={t(outcome.ok ? 'testOk' : 'testBad')} data-testid="test-outcome" data-ok={outcome.ok}>
            {outcome.checks.map(({ name, ok, detail, ms }) => (
              <Group key={name} gap={6} wrap="nowrap" align="start">
                {ok ? <IconCheck size={16} aria-hidden /> : <IconX size={16} aria-hidden />}
                <Text size="sm">
                  {t(name as 'WEBHOOK')}
                  {detail === '' ? '' : `: ${/^\d+$/.test(detail) ? t('found', { n: Number(detail) }) : detail}`}
                  {ms > 0 && (
                    <Text span c="dimmed" size="xs">
                      {' '}
                      {t('ms', { n: ms })}
                    </Text>
                  )}
                </Text>
              </Group>
            ))}
          </Alert>
        )}
      </div>
    </Stack>
  );
};
