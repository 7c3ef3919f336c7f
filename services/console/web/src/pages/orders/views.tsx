import { ActionIcon, Badge, Button, Group, Menu, Modal, Stack, Switch, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconDeviceFloppy, IconTrash } from '@tabler/icons-react';
import type { order } from '@flotilla/contracts';
import { memo, useState } from 'react';
import { Confirm, formatNumber, toast, useCommand, useHotkeys, useLocale, useSession, useWords } from '../../kit/index.js';
import { compile, textOf } from './filter-language.js';
import { words } from './words.js';

export interface Showing {
  readonly viewId: string;
  readonly query: string;
  readonly sort: string;
}

/** What a view shows before anybody edits it. */
export const asSaved = (view: order.View | undefined): Showing => ({ viewId: view?.viewId ?? '', query: view ? textOf(view.filter) : '', sort: view?.sort || 'placed_at desc' });

export const isEdited = (showing: Showing, view: order.View | undefined): boolean => {
  const saved = asSaved(view);
  return showing.query !== saved.query || showing.sort !== saved.sort;
};

/** Saved views as tabs with their counts, and what may be done with one that was edited. */
export const Views = memo(({ views, showing, onShow, onSaved }: { readonly views: readonly order.View[]; readonly showing: Showing; readonly onShow: (showing: Showing) => void; readonly onSaved: () => void }) => {
  const t = useWords(words);
  const locale = useLocale();
  const session = useSession();
  const [naming, setNaming] = useState(false);
  const [removing, setRemoving] = useState(false);
  const active = views.find(({ viewId }) => viewId === showing.viewId);
  const edited = isEdited(showing, active);
  const mine = active !== undefined && active.owner === session.user;
  const save = useCommand('flotilla.order.v1.Views/Save', { refreshes: ['flotilla.order.v1.Views/List'] });
  const remove = useCommand('flotilla.order.v1.Views/Remove', { refreshes: ['flotilla.order.v1.Views/List'] });
  const title = (view: order.View): string => (locale === 'zh-CN' && view.nameZh !== '' ? view.nameZh : view.name);
  const store = async (viewId: string, name: string, shared: boolean): Promise<void> => {
    const saved = await save.run({ viewId, name, shared, filter: compile(showing.query).filter, sort: showing.sort });
    if (!saved) return;
    onSaved();
    onShow(asSaved(saved));
    setNaming(false);
    toast({ message: saved.name, tone: 'done', ms: 2_000 });
  };
  const tabs: readonly (order.View | undefined)[] = [undefined, ...views];
  useHotkeys(
    t('views'),
    tabs.slice(0, 9).map((view, n) => ({ key: String(n + 1), label: view ? title(view) : t('all'), run: () => onShow(asSaved(view)) })),
  );
  return (
    <Group gap="xs" wrap="nowrap" className="f-views" justify="space-between">
      <div className="f-views-tabs" data-tour="views">
        <Group gap={2} wrap="nowrap" role="tablist" aria-label={t('views')}>
          {tabs.map((view) => {
            const current = (view?.viewId ?? '') === showing.viewId;
            return (
              <UnstyledButton key={view?.viewId ?? ''} role="tab" aria-selected={current} className="f-view" onClick={() => onShow(asSaved(view))}>
                {view ? title(view) : t('all')}
                {view && (
                  <Badge size="xs" variant={current ? 'filled' : 'light'} color={current ? 'brand' : 'gray'} className="f-count" title={view.more ? t('moreThan', { n: view.orders }) : undefined}>
                    {view.more && view.orders === 0 ? '…' : `${formatNumber(view.orders, locale)}${view.more ? '+' : ''}`}
                  </Badge>
                )}
              </UnstyledButton>
            );
          })}
        </Group>
      </div>
      <Group gap={4} wrap="nowrap">
        {edited && (
          <>
            <Badge size="xs" variant="dot" color="yellow" visibleFrom="sm">
              {t('edited')}
            </Badge>
            {mine && (
              <Button size="compact-xs" loading={save.busy} onClick={() => void store(active.viewId, active.name, active.shared)} leftSection={<IconDeviceFloppy size={13} />}>
                {t('save')}
              </Button>
            )}
            <Button size="compact-xs" variant="default" onClick={() => setNaming(true)}>
              {t('saveAs')}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => onShow(asSaved(active))}>
              {t('discard')}
            </Button>
          </>
        )}
        {mine && (
          <Menu position="bottom-end">
            <Menu.Target>
              <ActionIcon aria-label={t('views')}>
                <IconChevronDown size={14} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => setRemoving(true)}>
                {t('removeView')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      {naming && <Naming busy={save.busy} onClose={() => setNaming(false)} onName={(name, shared) => void store('', name, shared)} />}
      <Confirm
        opened={removing}
        title={t('removeViewSure', { name: active?.name ?? '' })}
        reason="none"
        danger
        onClose={() => setRemoving(false)}
        onConfirm={async () => {
          if (!active) return;
          if (await remove.run({ viewId: active.viewId })) onShow(asSaved(undefined));
          onSaved();
        }}
      />
    </Group>
  );
});

const Naming = ({ busy, onClose, onName }: { readonly busy: boolean; readonly onClose: () => void; readonly onName: (name: string, shared: boolean) => void }) => {
  const t = useWords(words);
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  return (
    <Modal opened onClose={onClose} title={t('saveAs')} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') onName(name.trim(), shared);
        }}
      >
        <Stack gap="sm">
          <TextInput label={t('viewName')} required maxLength={60} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
          <Switch label={t('share')} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={name.trim() === ''}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
