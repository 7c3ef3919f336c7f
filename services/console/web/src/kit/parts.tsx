import { ActionIcon, Button, CopyButton, Group, Modal, Stack, Text, Textarea, Tooltip, type MantineColor } from '@mantine/core';
import { IconCheck, IconCopy, IconLock } from '@tabler/icons-react';
import { Fragment, useState, useSyncExternalStore, type CSSProperties, type MouseEvent, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { formatAge, formatExactly, formatWhen, isSealed } from './format.js';
import { useLocale, useWords } from './locale.js';
import { words } from './words.js';

/** A key as it stands on the keyboard: `<Hint keys="mod+k" />`. */
export const Hint = ({ keys }: { readonly keys: string }) => {
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  const names: Readonly<Record<string, string>> = { mod: mac ? '⌘' : 'Ctrl', shift: '⇧', alt: mac ? '⌥' : 'Alt', Enter: '↵', Escape: 'Esc', ArrowUp: '↑', ArrowDown: '↓' };
  return (
    <span className="f-hint" aria-hidden>
      {keys.split('+').map((key) => (
        <kbd key={key} className="f-key">
          {names[key] ?? key}
        </kbd>
      ))}
    </span>
  );
};

/** Names and values side by side; what is undefined or "" is left out unless `keep`. */
export const KeyValue = ({ pairs, keep = false }: { readonly pairs: readonly (readonly [name: string, value: ReactNode])[]; readonly keep?: boolean }) => (
  <dl className="f-pairs">
    {pairs.map(([name, value]) =>
      !keep && (value === undefined || value === null || value === '' || value === false) ? null : (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value === '' || value === undefined ? '–' : value}</dd>
        </Fragment>
      ),
    )}
  </dl>
);

/** Copies a text. */
export const Copy = ({ value, label }: { readonly value: string; readonly label?: string }) => {
  const t = useWords(words);
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('copied') : (label ?? t('copy'))}>
          <ActionIcon size={24} my={-4} variant="subtle" color="gray" onClick={copy} aria-label={`${label ?? t('copy')}: ${value}`}>
            {copied ? <IconCheck size={12} /> : <IconCopy size={12} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
};

// One clock for all ages of a page.
const halfMinute = 30_000;
const agers = new Set<() => void>();
let clock: ReturnType<typeof setInterval> | undefined;
const untilOlder = (tell: () => void): (() => void) => {
  agers.add(tell);
  clock ??= setInterval(() => {
    for (const one of agers) one();
  }, halfMinute);
  return () => {
    agers.delete(tell);
    if (agers.size > 0) return;
    clearInterval(clock);
    clock = undefined;
  };
};
const never = (): (() => void) => () => undefined;
const nowInHalfMinutes = (): number => Math.floor(Date.now() / halfMinute);
const always = (): number => 0;

/** A time, with the exact one in its title, which is written when somebody points at it. `age`: how long ago instead. */
export const When = ({ at, age = false }: { readonly at: string | undefined; readonly age?: boolean }) => {
  const locale = useLocale();
  useSyncExternalStore(age ? untilOlder : never, age ? nowInHalfMinutes : always);
  if (!at) return null;
  return (
    <time dateTime={at} onMouseEnter={({ currentTarget }) => (currentTarget.title = formatExactly(at, locale))}>
      {age ? formatAge(at, locale) : formatWhen(at, locale)}
    </time>
  );
};

/** A link of a row to another page: many of them are cheap, and a new tab opens as with any link. */
export const RowLink = ({ to, children }: { readonly to: string; readonly children: ReactNode }) => {
  const navigate = useNavigate();
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    void navigate(to);
  };
  return (
    <a href={to} className="f-link" tabIndex={-1} onClick={follow}>
      {children}
    </a>
  );
};

/** A person's words, or a lock where they are sealed. */
export const Personal = ({ value }: { readonly value: string | undefined }) => {
  const t = useWords(words);
  if (!value) return null;
  if (!isSealed(value)) return <>{value}</>;
  return (
    <Tooltip label={t('sealedMore')}>
      <Text span size="sm" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        <IconLock size={12} aria-hidden style={{ verticalAlign: -1 }} /> {t('sealed')}
      </Text>
    </Tooltip>
  );
};

/** A state as a word on a colour; the word alone says it. */
export const Tag = ({ color = 'gray', children, title }: { readonly color?: MantineColor; readonly children: ReactNode; readonly title?: string }) => (
  <span className="f-tag" title={title} style={{ '--tag': `var(--mantine-color-${color}-light-color)`, background: `var(--mantine-color-${color}-light)` } as CSSProperties}>
    {children}
  </span>
);

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** A whole input as it came: JSON laid out, anything else as it stands; long ones are opened on demand. */
export const Json = ({ value, maxHeight = 320, label }: { readonly value: unknown; readonly maxHeight?: number; readonly label?: string }) => {
  const t = useWords(words);
  const [open, setOpen] = useState(false);
  let shown = text(value) ?? '';
  if (typeof value === 'string') {
    try {
      shown = JSON.stringify(JSON.parse(value), null, 2);
    } catch {
      // It is no JSON, and shown as what it is.
    }
  }
  const long = shown.length > 20_000;
  return (
    <div className="f-json">
      <Group className="f-json-tools" gap={4}>
        <Copy value={shown} />
      </Group>
      {/* What scrolls can be scrolled with the keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label ?? 'JSON'} style={{ maxHeight }}>
        {long && !open ? `${shown.slice(0, 20_000)}…` : shown}
      </pre>
      {long && (
        <Button size="compact-xs" variant="subtle" onClick={() => setOpen(!open)}>
          {open ? t('collapse') : t('expand')}
        </Button>
      )}
    </div>
  );
};

/**
 * Asks before something is done, and why: `reason` 'needed' demands one, 'asked' takes one, 'none' does not ask.
 *
 * ```tsx
 * <Confirm opened={opened} title={t('discard')} reason="needed" danger onClose={close} onConfirm={(reason) => discard.run({ parkedKey, reason })} />
 * ```
 */
export const Confirm = ({
  opened,
  title,
  children,
  reason = 'asked',
  danger = false,
  action,
  onClose,
  onConfirm,
}: {
  readonly opened: boolean;
  readonly title: string;
  readonly children?: ReactNode;
  readonly reason?: 'needed' | 'asked' | 'none';
  readonly danger?: boolean;
  readonly action?: string;
  readonly onClose: () => void;
  readonly onConfirm: (reason: string) => unknown;
}) => {
  const t = useWords(words);
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const lacking = reason === 'needed' && why.trim() === '';
  const confirm = async (): Promise<void> => {
    if (lacking || busy) return;
    setBusy(true);
    try {
      await onConfirm(why.trim());
      setWhy('');
      onClose();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        <Stack gap="sm">
          {children}
          {reason !== 'none' && (
            <Textarea
              label={t('reason')}
              description={t('reasonHint')}
              required={reason === 'needed'}
              autosize
              minRows={2}
              maxRows={6}
              maxLength={500}
              value={why}
              data-autofocus
              onChange={(event) => setWhy(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) void confirm();
              }}
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={lacking} {...(danger ? { color: 'red' } : {})} {...(reason === 'none' ? { 'data-autofocus': true } : {})}>
              {action ?? t('confirm')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
};
