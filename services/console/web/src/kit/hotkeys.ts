import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Hotkey {
  /** `j`, `Enter`, `?`, `shift+x`, `mod+k` (⌘ on a Mac, Ctrl elsewhere). */
  readonly key: string;
  /** What it does; shown by `?`. */
  readonly label: string;
  readonly run: () => void;
  /** Works in a field, too, and while a dialog is open. */
  readonly everywhere?: boolean;
}

export interface Shown {
  readonly key: string;
  readonly label: string;
  readonly group: string;
}

interface Entry {
  readonly group: string;
  hotkeys: readonly Hotkey[];
}

const entries: Entry[] = [];
const listeners = new Set<() => void>();
let shown: readonly Shown[] = [];

const changed = (): void => {
  shown = entries.flatMap(({ group, hotkeys }) => hotkeys.filter(({ label }) => label !== '').map(({ key, label }) => ({ key, label, group })));
  for (const tell of listeners) tell();
};

/** A key as hotkeys are written. An IME that is on says `Process`; the key itself is known by its place. */
export const keyOf = (event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string => {
  const plain = event.key === 'Process' || event.key === 'Unidentified' ? event.code.replace(/^(Key|Digit)/, '') : event.key;
  const key = plain.length === 1 ? plain.toLowerCase() : plain;
  const letter = /^[a-z0-9]$/.test(key) || key.length > 1;
  // What a shifted sign is called ("?") says by itself that it is shifted.
  return `${event.metaKey || event.ctrlKey ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${event.shiftKey && letter ? 'shift+' : ''}${key}`;
};

const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT' || (target.tagName === 'INPUT' && !['checkbox', 'radio', 'button', 'range'].includes((target as HTMLInputElement).type)));

/** Enter and Space belong to what has the focus. */
const pressesItself = (key: string, target: EventTarget | null): boolean => (key === 'Enter' || key === ' ') && target instanceof HTMLElement && target.closest('button, a[href], summary, [role="tab"], [role="menuitem"], [role="option"], input') !== null;

const pressed = (event: KeyboardEvent): void => {
  if (event.defaultPrevented || event.isComposing) return;
  const key = keyOf(event);
  // `f-aside`: stands beside the page, which goes on.
  const held = inField(event.target) || document.querySelector('[role="dialog"][aria-modal="true"]:not(.f-aside)') !== null;
  // The newest first: a part of a page before the page, the page before the shell.
  for (const { hotkeys } of entries.toReversed()) {
    const found = hotkeys.find((one) => one.key === key && (one.everywhere || !held));
    if (!found || (!found.everywhere && pressesItself(key, event.target))) continue;
    event.preventDefault();
    found.run();
    return;
  }
};

const start = (): void => window.addEventListener('keydown', pressed);
const stop = (): void => window.removeEventListener('keydown', pressed);

/**
 * Keys of a page, for as long as it stands; never while somebody writes in a field or a dialog is open.
 *
 * ```ts
 * useHotkeys(t('orders'), [{ key: 'e', label: t('approve'), run: approve }]);
 * ```
 */
export const useHotkeys = (group: string, hotkeys: readonly Hotkey[], enabled = true): void => {
  const entry = useRef<Entry>(undefined);
  const latest = useRef(hotkeys);
  latest.current = hotkeys;
  const words = hotkeys.map(({ key, label }) => `${key} ${label}`).join('\n');
  useEffect(() => {
    if (!enabled) return undefined;
    const own: Entry = { group, hotkeys: latest.current };
    entry.current = own;
    if (entries.length === 0) start();
    entries.push(own);
    changed();
    return () => {
      entries.splice(entries.indexOf(own), 1);
      entry.current = undefined;
      if (entries.length === 0) stop();
      changed();
    };
  }, [group, words, enabled]);
  // What a key does may close over what was just rendered.
  useEffect(() => {
    if (entry.current) entry.current.hotkeys = hotkeys;
  });
};

/** All keys that do something now. */
export const useShownHotkeys = (): readonly Shown[] =>
  useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => shown,
  );
