/** A key as the document hears it. `time`: the event's own, which a busy page does not move. */
export interface KeyPress {
  readonly key: string;
  /** The key's place on the keyboard: what an input method leaves of it. */
  readonly code: string;
  readonly shift: boolean;
  /** Held with ctrl, alt or meta: a shortcut. */
  readonly modified: boolean;
  readonly composing: boolean;
  readonly repeat: boolean;
  readonly time: number;
  /** A field is focused that would take the key. */
  readonly inField: boolean;
}

export interface Heard {
  /** The key belongs to a scan: nobody else is to have it. */
  readonly keep: boolean;
  /** A scan has ended with this key. */
  readonly scan?: string;
  /** An input method was on: it was read by the keys' places. */
  readonly composed?: true;
  /** This key may begin a scan: what the focused field holds now is what it has to hold again after it. */
  readonly begins?: true;
}

export interface ScannerSettings {
  /** Longer between two keys is a person. */
  readonly gapMs: number;
  /** Shorter bursts are words; where no field is focused, half as many will do. */
  readonly least: number;
  /** A sign that the scanner sends before each code, at whatever speed; "" = none. */
  readonly prefix: string;
}

export const usualScanner: ScannerSettings = { gapMs: 50, least: 6, prefix: '' };
const longest = 120;
// A scanner that ends with CR and LF: the second one is nobody's key.
const tailMs = 60;

const shifted: Readonly<Record<string, string>> = { '1': '!', '2': '@', '3': '#', '4': '$', '5': '%', '6': '^', '7': '&', '8': '*', '9': '(', '0': ')', '-': '_', '=': '+', '[': '{', ']': '}', '\\': '|', ';': ':', "'": '"', ',': '<', '.': '>', '/': '?', '`': '~' };
const places: Readonly<Record<string, string>> = { Minus: '-', Equal: '=', BracketLeft: '[', BracketRight: ']', Backslash: '\\', Semicolon: ';', Quote: "'", Comma: ',', Period: '.', Slash: '/', Backquote: '`', Space: ' ', NumpadSubtract: '-', NumpadAdd: '+', NumpadDecimal: '.', NumpadDivide: '/', NumpadMultiply: '*' };

/** What a key writes by its place on a US keyboard, as scanners are set: `{ code: 'KeyA', shift: true }` = "A". */
export const signOf = (code: string, shift: boolean): string | undefined => {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return shift ? letter : letter.toLowerCase();
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
  const plain = digit ?? places[code];
  if (plain === undefined) return undefined;
  return shift && !code.startsWith('Numpad') ? (shifted[plain] ?? plain) : plain;
};

const isEnd = ({ key, code }: KeyPress): boolean => key === 'Enter' || key === 'Tab' || code === 'Enter' || code === 'NumpadEnter' || code === 'Tab';
const isComposed = ({ key, composing }: KeyPress): boolean => composing || key === 'Process' || key === 'Unidentified' || key === 'Dead';

/**
 * Tells a wedge scanner from a person by its speed: a burst of keys that ends with Enter or Tab is a scan.
 *
 * ```ts
 * const hear = scanDetector();
 * document.addEventListener('keydown', (event) => { const { keep, scan } = hear(pressOf(event)); … }, { capture: true });
 * ```
 */
export const scanDetector = (settings: ScannerSettings = usualScanner): ((press: KeyPress) => Heard) => {
  let signs = '';
  let last = Number.NEGATIVE_INFINITY;
  let composed = false;
  let prefixed = false;
  let ended = Number.NEGATIVE_INFINITY;
  const forget = (): void => {
    signs = '';
    composed = false;
    prefixed = false;
  };
  return (press) => {
    const { key, code, shift, modified, repeat, time, inField } = press;
    if (key === 'Shift' || code.startsWith('Shift') || key === 'CapsLock') return { keep: false };
    if (modified || repeat) {
      forget();
      return { keep: false };
    }
    const late = time - last > settings.gapMs;
    if (isEnd(press)) {
      if (signs === '' && time - ended <= tailMs) return { keep: true };
      const least = inField ? settings.least : Math.ceil(settings.least / 2);
      const scan = signs.trim();
      const isScan = scan !== '' && (prefixed || (!late && signs.length >= least));
      const withComposed = composed;
      forget();
      if (!isScan) return { keep: false };
      ended = time;
      return { keep: true, scan, ...(withComposed ? { composed: true as const } : {}) };
    }
    const byPlace = isComposed(press);
    const sign = byPlace ? signOf(code, shift) : key.length === 1 ? key : undefined;
    if (sign === undefined) {
      forget();
      return { keep: false };
    }
    if (late && !prefixed) forget();
    last = time;
    if (settings.prefix !== '' && sign === settings.prefix && !prefixed) {
      forget();
      prefixed = true;
      return { keep: true, begins: true };
    }
    const begins = signs === '' && !prefixed;
    signs = (signs + sign).slice(-longest);
    composed ||= byPlace;
    // The first two may be a person's: from the third on nobody is that fast.
    return { keep: prefixed || signs.length > 2, ...(begins ? { begins: true as const } : {}) };
  };
};
