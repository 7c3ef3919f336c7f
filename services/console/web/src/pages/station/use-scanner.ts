import { useEffect, useRef } from 'react';
import { scanDetector, usualScanner, type KeyPress, type ScannerSettings } from './scan.js';

type Field = HTMLInputElement | HTMLTextAreaElement;

const fieldOf = (target: EventTarget | null): Field | undefined =>
  (target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range', 'submit'].includes(target.type)) || target instanceof HTMLTextAreaElement ? target : undefined;

const pressOf = (event: KeyboardEvent): KeyPress => ({
  key: event.key, code: event.code, shift: event.shiftKey, modified: event.ctrlKey || event.metaKey || event.altKey, composing: event.isComposing, repeat: event.repeat, time: event.timeStamp,
  inField: fieldOf(event.target) !== undefined || (event.target instanceof HTMLElement && event.target.isContentEditable),
});

/** React hears of a value only when it comes by the element's own setter, with an event. */
const write = (field: Field, value: string): void => {
  const prototype = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
};

/** What a scanner wrote into the field that had the focus is taken out again; an input method lets go of it only when the focus leaves. */
const restore = (field: Field, value: string, composed: boolean): void => {
  if (composed) field.blur();
  const put = (): void => {
    if (field.value !== value) write(field, value);
  };
  put();
  if (composed) {
    setTimeout(() => {
      put();
      field.focus();
    });
  }
};

/**
 * Hears a wedge scanner wherever the focus is, dialogs included, before anything else does.
 *
 * ```ts
 * useScanner((code, at) => send({ type: 'scan', code, at }), { onComposed: () => setWarning(true) });
 * ```
 */
export const useScanner = (onScan: (code: string, at: number) => void, { settings = usualScanner, onComposed }: { readonly settings?: ScannerSettings; readonly onComposed?: () => void } = {}): void => {
  const latest = useRef({ onScan, onComposed });
  latest.current = { onScan, onComposed };
  const { gapMs, least, prefix } = settings;
  useEffect(() => {
    const hear = scanDetector({ gapMs, least, prefix });
    let before: { readonly field: Field; readonly value: string } | undefined;
    const pressed = (event: KeyboardEvent): void => {
      const field = fieldOf(event.target);
      const { keep, scan, composed, begins } = hear(pressOf(event));
      if (begins) before = field && { field, value: field.value };
      if (keep) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      if (scan === undefined) return;
      if (before) restore(before.field, before.value, composed === true);
      before = undefined;
      if (composed) latest.current.onComposed?.();
      latest.current.onScan(scan, event.timeStamp);
    };
    document.addEventListener('keydown', pressed, { capture: true });
    return () => document.removeEventListener('keydown', pressed, { capture: true });
  }, [gapMs, least, prefix]);
};
