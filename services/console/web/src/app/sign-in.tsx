import { Alert, Anchor, Button, Center, Group, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { api, asRpcError, errorText, useWords, type RpcError } from '../kit/index.js';
import { LocaleSwitch, SchemeSwitch } from './switches.js';
import { Mark } from './mark.js';
import { words } from './words.js';

/** The way in. It tells nobody whether it was the user or the password that was wrong. */
export const SignIn = ({ oidc, onDone }: { readonly oidc?: string | undefined; readonly onDone: () => Promise<void> }) => {
  const t = useWords(words);
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<RpcError>();
  const submit = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await api('POST', '/api/session', { user, password });
      setPassword('');
      await onDone();
    } catch (thrown) {
      setError(asRpcError(thrown));
    } finally {
      setBusy(false);
    }
  };
  const said = error && (error.reason === 'OVERLOADED' ? t('tooMany') : errorText(error).title);
  return (
    <Center component="main" mih="100dvh" p="md" className="f-sign-in">
      <Stack gap="md" w={340} maw="100%">
        <Group gap="xs" justify="center">
          <Mark size={30} />
          <div>
            <Title order={1} size="h2" lh={1.1}>
              Flotilla
            </Title>
            <Text size="xs" c="dimmed">
              {t('welcome')}
            </Text>
          </div>
        </Group>
        <Paper p="lg" shadow="sm">
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void submit();
            }}
          >
            <Stack gap="sm">
              {said !== undefined && (
                <Alert color="red" p="xs" role="alert">
                  {said}
                </Alert>
              )}
              <TextInput size="sm" label={t('user')} name="user" autoComplete="username" autoFocus required value={user} onChange={(event) => setUser(event.currentTarget.value)} />
              <PasswordInput size="sm" label={t('password')} name="password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
              <Button size="sm" type="submit" loading={busy} fullWidth>
                {t('signIn')}
              </Button>
            </Stack>
          </form>
        </Paper>
        {oidc !== undefined && <Organisation href={oidc} />}
        <Group justify="center" gap="xs">
          <LocaleSwitch />
          <SchemeSwitch />
        </Group>
      </Stack>
    </Center>
  );
};

/** Another way in, where one is configured. */
const Organisation = ({ href }: { readonly href: string }) => {
  const t = useWords(words);
  return (
    <Anchor href={href} ta="center" size="sm">
      {t('single')}
    </Anchor>
  );
};
