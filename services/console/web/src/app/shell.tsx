import { ActionIcon, AppShell, Burger, Button, Group, Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHelp, IconLogout, IconRoute, IconSearch, IconUser, IconWifiOff } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { allows, Hint, Loading, toast, undoNewest, useConnection, useHotkeys, useLocale, useSession, useWords } from '../kit/index.js';
import { groups, pages } from '../pages.js';
import { Mark } from './mark.js';
import { signOut } from './session.js';
import { LocaleSwitch, SchemeSwitch } from './switches.js';
import { startTour, useTour } from './tour.js';
import { words } from './words.js';

const Navigation = ({ onGo }: { readonly onGo: () => void }) => {
  const locale = useLocale();
  const session = useSession();
  const { pathname } = useLocation();
  const seen = pages.filter(({ within, needs }) => !within && allows(session, needs));
  return (
    <>
      {(Object.keys(groups) as (keyof typeof groups)[]).map((group) => {
        const own = seen.filter((page) => page.group === group);
        if (own.length === 0) return null;
        return (
          <div key={group} role="group" aria-label={groups[group][locale]}>
            <div className="f-nav-group" aria-hidden>
              {groups[group][locale]}
            </div>
            {own.map((page) => {
              const active = pathname === page.path || pathname.startsWith(`${page.path}/`);
              return (
                <Link key={page.path} to={page.path} className="f-nav" aria-current={active ? 'page' : undefined} onClick={onGo}>
                  <page.icon size={16} stroke={1.7} aria-hidden />
                  {page.name[locale]}
                </Link>
              );
            })}
          </div>
        );
      })}
    </>
  );
};

const Offline = () => {
  const t = useWords(words);
  const connection = useConnection();
  useEffect(() => {
    document.documentElement.style.setProperty('--f-banner', connection === 'offline' ? '28px' : '0px');
  }, [connection]);
  if (connection !== 'offline') return null;
  return (
    <Group className="f-offline" gap={6} justify="center" role="alert">
      <IconWifiOff size={14} aria-hidden />
      {t('offline')}
    </Group>
  );
};

const Person = () => {
  const t = useWords(words);
  const session = useSession();
  return (
    <Menu position="bottom-end" shadow="md" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={t('account')} data-testid="account">
          <IconUser size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {t('signedInAs', { name: session.name || session.user })}
          <Text size="xs" c="dimmed">
            {session.roles.join(', ')}
            {session.sees.personalData ? ` · ${t('personalData')}` : ''}
          </Text>
        </Menu.Label>
        <Menu.Item leftSection={<IconRoute size={14} />} onClick={startTour}>
          {t('tour')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={14} />} onClick={() => void signOut().catch(() => toast({ message: t('offline'), tone: 'error' }))}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};

// Loaded when somebody asks for them: whoever wants to see orders does not wait for them.
const Help = lazy(() => import('./help.js').then((part) => ({ default: part.Help })));
const Jump = lazy(() => import('./jump.js').then((part) => ({ default: part.Jump })));
const FirstLook = lazy(() => import('./tour-steps.js').then((part) => ({ default: part.FirstLook })));

/** What stands around every page. */
export const Shell = () => {
  const t = useWords(words);
  const [opened, menu] = useDisclosure(false);
  const [helping, help] = useDisclosure(false);
  // How often it was asked for; once it was there it stays.
  const [jumps, setJumps] = useState(0);
  const openJump = (): void => setJumps((n) => n + 1);
  const [touring, endTour] = useTour();
  // When the page has come to rest, so that the first letter after the key finds its field.
  useEffect(() => {
    const later = setTimeout(() => void Promise.all([import('./jump.js'), import('./help.js')]).catch(() => undefined), 2_000);
    return () => clearTimeout(later);
  }, []);
  useHotkeys(t('everywhere'), [
    { key: 'mod+k', label: t('search'), run: openJump, everywhere: true },
    { key: '?', label: t('helpKey'), run: help.toggle },
    { key: 'z', label: t('undoKey'), run: () => void undoNewest() },
  ]);
  return (
    <AppShell header={{ height: 46 }} navbar={{ width: 196, breakpoint: 'md', collapsed: { mobile: !opened } }} padding={0}>
      <a className="f-skip" href="#page">
        {t('skip')}
      </a>
      <AppShell.Header className="f-header">
        <Group h="100%" px={12} gap="xs" wrap="nowrap" justify="space-between">
          <Group gap={8} wrap="nowrap">
            <Burger opened={opened} onClick={menu.toggle} hiddenFrom="md" size="sm" aria-label={t('menu')} />
            <UnstyledButton component={Link} to="/" aria-label="Flotilla">
              <Group gap={6} wrap="nowrap">
                <Mark />
                <Text fw={700} size="md" visibleFrom="xs">
                  Flotilla
                </Text>
              </Group>
            </UnstyledButton>
          </Group>
          <Button variant="default" className="f-jump" data-tour="jump" onClick={openJump} leftSection={<IconSearch size={14} aria-hidden />} rightSection={<Hint keys="mod+k" />}>
            <Text span size="sm" c="dimmed" visibleFrom="xs">
              {t('search')}
            </Text>
            <Text span size="sm" c="dimmed" hiddenFrom="xs">
              {t('searchShort')}
            </Text>
          </Button>
          <Group gap={2} wrap="nowrap">
            <LocaleSwitch />
            <SchemeSwitch />
            <Tooltip label={<>{t('helpKey')} (?)</>}>
              <ActionIcon aria-label={t('helpKey')} onClick={help.open}>
                <IconHelp size={17} />
              </ActionIcon>
            </Tooltip>
            <Person />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="f-navbar" aria-label={t('navigation')}>
        <Navigation onGo={menu.close} />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1}>
        <Offline />
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </AppShell.Main>
      {/* One boundary each: what waits for its part must not take away what is there. */}
      <Suspense fallback={null}>{helping && <Help opened onClose={help.close} />}</Suspense>
      <Suspense fallback={null}>{jumps > 0 && <Jump asked={jumps} />}</Suspense>
      <Suspense fallback={null}>{touring && <FirstLook onEnd={endTour} />}</Suspense>
    </AppShell>
  );
};
