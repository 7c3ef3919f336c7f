import { Badge, Drawer, Group, ScrollArea, Tabs, Text, UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Empty, Failed, formatNumber, Loading, useWords, type RpcError } from '../../kit/index.js';
import { useParam } from './address.js';
import { words } from './words.js';
import './rooms.css';

export interface TabOf {
  readonly value: string;
  readonly label: string;
  /** Shown beside the label; nothing for 0. */
  readonly count?: number | undefined;
  readonly urgent?: boolean;
  readonly content: () => ReactNode;
}

/** The parts of a page; which one is looked at stands in the address. */
export const PageTabs = ({ tabs, label }: { readonly tabs: readonly TabOf[]; readonly label: string }) => {
  const [tab, setTab] = useParam('tab');
  const current = tabs.find(({ value }) => value === tab) ?? tabs[0]!;
  return (
    <Tabs value={current.value} onChange={(value) => setTab(value === tabs[0]!.value ? '' : (value ?? ''))} keepMounted={false} className="f-room-tabs">
      <ScrollArea type="never">
        <Tabs.List aria-label={label} style={{ flexWrap: 'nowrap' }}>
          {tabs.map(({ value, label: name, count, urgent }) => (
            <Tabs.Tab
              key={value}
              value={value}
              rightSection={
                count ? (
                  <Badge size="xs" variant="light" color={urgent ? 'red' : 'gray'}>
                    {formatNumber(count)}
                  </Badge>
                ) : undefined
              }
            >
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </ScrollArea>
      <Tabs.Panel value={current.value} pt="sm" className="f-room-panel">
        {current.content()}
      </Tabs.Panel>
    </Tabs>
  );
};

/** One thing, looked at beside its list. */
export const Side = ({ opened, title, onClose, children, size = 'lg' }: { readonly opened: boolean; readonly title: ReactNode; readonly onClose: () => void; readonly children: ReactNode; readonly size?: string }) => {
  const t = useWords(words);
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={size} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      {opened && children}
    </Drawer>
  );
};

/** What an answer is shown by, or why there is none. */
export const Answered = <T,>({ of, children, empty }: { readonly of: { readonly data: T | undefined; readonly error: RpcError | undefined; readonly refetch: () => void }; readonly children: (data: T) => ReactNode; readonly empty?: (data: T) => boolean }) => {
  if (of.data === undefined) return of.error ? <Failed error={of.error} retry={of.refetch} /> : <Loading />;
  return empty?.(of.data) ? <Empty /> : <>{children(of.data)}</>;
};

/** A figure that opens what is behind it. */
export const Figure = ({ label, value, to, tone, hint, colour }: { /** As it is drawn elsewhere on the page. */ readonly colour?: string; readonly label: string; readonly value: ReactNode; readonly to?: string; readonly tone?: 'bad' | 'warn' | 'good'; readonly hint?: string }) => {
  const inside = (
    <>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {colour !== undefined && <i className="f-room-dot" style={{ background: colour }} aria-hidden />}
        {label}
      </Text>
      <Text fw={600} size="xl" lh={1.2} className="f-room-figure" data-tone={tone}>
        {value}
      </Text>
      {hint !== undefined && (
        <Text size="xs" c="dimmed" lineClamp={1}>
          {hint}
        </Text>
      )}
    </>
  );
  return to === undefined ? (
    <div className="f-room-tile">{inside}</div>
  ) : (
    <UnstyledButton component={Link} to={to} className="f-room-tile" data-opens>
      {inside}
    </UnstyledButton>
  );
};

export const Figures = ({ children }: { readonly children: ReactNode }) => <div className="f-room-figures">{children}</div>;

/** A box with a heading. */
export const Panel = ({ title, aside, children, span }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode; readonly span?: 2 }) => (
  <section className="f-room-box" data-span={span} aria-label={title}>
    <Group justify="space-between" gap="xs" mb={6} wrap="nowrap">
      <Text component="h2" fw={600} size="sm" lineClamp={1}>
        {title}
      </Text>
      {aside}
    </Group>
    {children}
  </section>
);
