import { Alert, Button, Center, Code, Group, Loader, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconInbox, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, type ReactNode } from 'react';
import { errorText } from './errors.js';
import { useLocale, useWords } from './locale.js';
import type { RpcError } from './rpc.js';
import { words } from './words.js';

/**
 * A page's frame: its title, what may be done on it, and the rest of the window for what it shows. `fill` for pages whose list takes all the
 * height and scrolls by itself.
 */
export const Page = ({ title, subtitle, actions, fill = false, children }: { readonly title: string; readonly subtitle?: ReactNode; readonly actions?: ReactNode; readonly fill?: boolean; readonly children: ReactNode }) => {
  useEffect(() => {
    document.title = `${title} · Flotilla`;
  }, [title]);
  return (
    <div className={fill ? 'f-page f-page-fill' : 'f-page'}>
      <Group className="f-page-head" justify="space-between" wrap="wrap" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h3" lineClamp={1}>
            {title}
          </Title>
          {subtitle !== undefined && (
            <Text size="sm" c="dimmed" component="div">
              {subtitle}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </div>
  );
};

const State = ({ icon, title, children, role = 'status' }: { readonly icon: ReactNode; readonly title: string; readonly children?: ReactNode; readonly role?: 'status' | 'alert' }) => (
  <Center mih={220} p="md" role={role} style={{ flex: 1 }}>
    <Stack align="center" gap="xs" maw={420}>
      <ThemeIcon size={44} radius="xl" variant="light" color="gray" aria-hidden>
        {icon}
      </ThemeIcon>
      <Text fw={600} ta="center">
        {title}
      </Text>
      {children}
    </Stack>
  </Center>
);

/** Nothing to show yet, and something is being asked. Shown late, so that quick answers do not flicker. */
export const Loading = () => {
  const t = useWords(words);
  return (
    <Center mih={220} role="status" aria-label={t('loading')} className="f-late" style={{ flex: 1 }}>
      <Loader size="sm" />
    </Center>
  );
};

/** There is nothing, and what to do about it: in words, and as an `action` below them. */
export const Empty = ({ title, children, action, icon = <IconInbox size={24} /> }: { readonly title?: string; readonly children?: ReactNode; readonly action?: ReactNode; readonly icon?: ReactNode }) => {
  const t = useWords(words);
  return (
    <State icon={icon} title={title ?? t('nothing')}>
      {typeof children === 'string' ? (
        <Text size="sm" c="dimmed" ta="center">
          {children}
        </Text>
      ) : (
        children
      )}
      {action}
    </State>
  );
};

/** What was asked could not be answered: why, and a way to ask again. */
export const Failed = ({ error, retry }: { readonly error: RpcError; readonly retry?: () => void }) => {
  const t = useWords(words);
  const { title, detail } = errorText(error, useLocale());
  if (error.reason === 'FORBIDDEN' || error.code === 'PERMISSION_DENIED') return <Forbidden />;
  return (
    <State icon={error.reason === 'OFFLINE' || error.reason === 'UNAVAILABLE' ? <IconPlugConnectedX size={24} /> : <IconAlertTriangle size={24} />} title={title} role="alert">
      {detail !== '' && (
        <Text size="sm" c="dimmed" ta="center" style={{ overflowWrap: 'anywhere' }}>
          {detail}
        </Text>
      )}
      <Code>{error.reason}</Code>
      {retry && (
        <Button size="compact-sm" variant="default" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </State>
  );
};

/** The role of whoever is signed in does not reach. */
export const Forbidden = ({ need }: { readonly need?: string }) => {
  const t = useWords(words);
  return (
    <State icon={<IconLock size={24} />} title={t('forbidden')}>
      {need !== undefined && (
        <Text size="sm" c="dimmed" ta="center">
          {t('forbiddenMore', { role: need })}
        </Text>
      )}
    </State>
  );
};

/** A refusal beside what it is about. */
export const ErrorNote = ({ error }: { readonly error: RpcError | undefined }) => {
  const locale = useLocale();
  if (!error) return null;
  const { title, detail } = errorText(error, locale);
  return (
    <Alert color="red" variant="light" title={title} p="xs" role="alert">
      {detail !== '' && <Text size="sm">{detail}</Text>}
      <Code>{error.reason}</Code>
    </Alert>
  );
};
