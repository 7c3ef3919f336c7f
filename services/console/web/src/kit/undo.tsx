import { Button, Group, Progress, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createGrace, graceMs, type Pending } from './grace.js';
import { asRpcError } from './query.js';
import { toast, tellError } from './toast.js';
import { asWords, words } from './words.js';
import { useWords } from './locale.js';

const grace = createGrace();

/** What has not left yet; lists mark it. */
export const usePending = (): readonly Pending[] => useSyncExternalStore(grace.subscribe, grace.pending);

const undone = (id: string): void => {
  const one = grace.undo(id);
  notifications.hide(id);
  if (one) toast({ message: asWords('undone', { what: one.what }), ms: 3_000 });
};

/** Undoes the newest command that has not left; false where there is none. */
export const undoNewest = (): boolean => {
  const one = grace.newest();
  if (one) undone(one.id);
  return one !== undefined;
};

const Countdown = ({ one }: { readonly one: Pending }) => {
  const t = useWords(words);
  const [left, setLeft] = useState(graceMs);
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(0, one.leavesAt - Date.now())), 200);
    return () => clearInterval(timer);
  }, [one]);
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" c="dimmed" role="timer" aria-live="off">
          {t('leavesIn', { n: Math.ceil(left / 1000) })}
        </Text>
        <Group gap={4} wrap="nowrap">
          <Button size="compact-sm" variant="subtle" onClick={() => leaveNow(one.id)}>
            {t('now')}
          </Button>
          <Button size="compact-sm" variant="light" onClick={() => undone(one.id)} rightSection={<kbd className="f-key">z</kbd>}>
            {t('undo')}
          </Button>
        </Group>
      </Group>
      <Progress value={(left / graceMs) * 100} size={2} mt={4} aria-label={t('leavesIn', { n: Math.ceil(left / 1000) })} transitionDuration={200} />
    </>
  );
};

const leaveNow = (id: string): void => grace.leave(id);

/**
 * A command with a grace of ten seconds: a toast offers to undo it, or to do it at once. `run` sends it; what it throws is shown, and offers
 * to try again.
 *
 * ```ts
 * withGrace({ what: t('approveN', { n: 3 }), subjects: ids, run: () => rpc('flotilla.order.v1.Operations/Start', …) });
 * ```
 */
export const withGrace = ({ what, subjects, run }: { readonly what: string; readonly subjects: readonly string[]; readonly run: () => Promise<unknown> }): void => {
  const one = grace.begin(what, subjects, () => {
    notifications.hide(one.id);
    void run().catch((error: unknown) => tellError(asRpcError(error)));
  });
  notifications.show({ id: one.id, title: what, message: <Countdown one={one} />, autoClose: false, withCloseButton: false, withBorder: true });
};

// Closing the page must not quietly drop what somebody believes to be done.
globalThis.window?.addEventListener('beforeunload', (event) => {
  if (grace.pending().length > 0) event.preventDefault();
});
