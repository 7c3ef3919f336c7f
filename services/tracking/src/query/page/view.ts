import type { PublicName } from '../../decide/buyer-settings.decider.js';
import { isFinal, rankOf, type Milestone } from '../../decide/milestones.js';
import { zoneOf } from '../../decide/quiet-hours.js';
import type { ProvenStep } from '../provenance.js';
import { words, type Language } from './words.js';

export interface PageScan {
  readonly occurredAt: string;
  readonly text: string;
  readonly place: string;
  readonly milestone: Milestone;
}

/** What a page asks of the buyer. `token`: of its link. */
export interface Asks {
  readonly token: string;
  readonly embed: boolean;
  /** Whether it could not be delivered, and the buyer may say what is to become of it. */
  readonly choosing: boolean;
  /** What the buyer wanted last, while that is still to be done; "" = nothing. */
  readonly choice: '' | 'FORWARD' | 'KEEP' | 'RETURN';
  readonly rating: boolean;
  readonly rated: boolean;
  /** Whether anything typed could be sealed. */
  readonly writes: boolean;
}

/** What a page shows; nothing in it says who the buyer is or where they live. */
export interface PageSubject {
  readonly milestone: Milestone;
  readonly shippedAt: string;
  /** When it was promised to be there; "" if nobody promised anything. */
  readonly promisedAt: string;
  readonly carrier: string;
  readonly waybill: string;
  readonly number: string;
  readonly country: string;
  readonly items: readonly { readonly name: string; readonly quantity: number }[];
  /** Where the buyer collects it and with which code; null if it is brought. */
  readonly pickup: { readonly code: string; readonly place: string } | null;
  /** What the buyer is asked, and has answered. */
  readonly asks: Asks;
  /** Where it comes from, if the shop shows that. */
  readonly proven: { readonly steps: readonly ProvenStep[]; readonly warehouseNames: readonly PublicName[] } | null;
  /** In the order in which they were recorded. */
  readonly scans: readonly PageScan[];
}

export interface PageView {
  readonly tag: string;
  readonly language: Language;
  readonly other: { readonly href: string; readonly tag: string; readonly label: string };
  readonly title: string;
  readonly tone: 'moving' | 'done' | 'trouble' | 'still';
  /** The state in a word. */
  readonly pill: string;
  readonly sentence: string;
  readonly detail: string;
  /** The date that was promised, or that it is late; "" once it has come to an end. */
  readonly promise: { readonly text: string; readonly late: boolean } | null;
  readonly next: string;
  readonly stages: readonly { readonly label: string; readonly state: 'done' | 'now' | 'todo' }[];
  readonly days: readonly { readonly label: string; readonly entries: readonly { readonly time: string; readonly iso: string; readonly title: string; readonly original: string; readonly place: string; readonly latest: boolean; readonly tone: string }[] }[];
  readonly subject: PageSubject;
  readonly zone: string;
  readonly words: (typeof words)[Language]['page'];
  readonly linked: string;
  readonly embed: boolean;
  readonly query: string;
  /** Where its forms go to. */
  readonly action: string;
  readonly choosing: boolean;
  readonly chosen: string;
  readonly rating: boolean;
  readonly rated: boolean;
  readonly writes: boolean;
  readonly say: (typeof words)[Language]['answers'];
  readonly proven: readonly { readonly title: string; readonly iso: string; readonly time: string; readonly fingerprint: string }[];
  readonly proof: (typeof words)[Language]['proof'];
}

const tones: Partial<Record<Milestone, PageView['tone']>> = {
  MILESTONE_UNSPECIFIED: 'still',
  MILESTONE_LABEL_CREATED: 'still',
  MILESTONE_DELIVERY_FAILED: 'trouble',
  MILESTONE_EXCEPTION: 'trouble',
  MILESTONE_RETURNING: 'trouble',
  MILESTONE_RETURNED: 'trouble',
  MILESTONE_CANCELLED: 'still',
  MILESTONE_DELIVERED: 'done',
};

const setbacks: readonly Milestone[] = ['MILESTONE_CUSTOMS', 'MILESTONE_DELIVERY_FAILED', 'MILESTONE_EXCEPTION'];
const moving: readonly Milestone[] = ['MILESTONE_IN_TRANSIT', 'MILESTONE_OUT_FOR_DELIVERY', 'MILESTONE_READY_FOR_PICKUP'];

// The milestone never goes back, but to say "the delivery failed" while the courier is out again would be a lie.
const shown = (milestone: Milestone, latest: PageScan | undefined): Milestone => (latest && setbacks.includes(milestone) && moving.includes(latest.milestone) ? latest.milestone : milestone);

const stageOf = (milestone: Milestone, shipped: boolean): number => {
  if (milestone === 'MILESTONE_DELIVERED') return 4;
  if (rankOf(milestone) >= rankOf('MILESTONE_OUT_FOR_DELIVERY')) return 2;
  if (rankOf(milestone) >= rankOf('MILESTONE_PICKED_UP')) return 1;
  return shipped ? 0 : -1;
};

/** The page's content in one language. `now` decides what "today" is. */
export const toView = (subject: PageSubject, carrierTitle: string, language: Language, now: Date, linked: string): PageView => {
  const { pickup } = words[language];
  const say = subject.pickup ? { ...words[language], ...pickup, status: { ...words[language].status, ...pickup.status }, scan: { ...words[language].scan, ...pickup.scan } } : words[language];
  const zone = zoneOf(subject.country);
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat => new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: zone, ...options });
  const [day, time, key] = [format({ weekday: 'short', day: 'numeric', month: language === 'zh' ? 'long' : 'short' }), format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }), new Intl.DateTimeFormat('en-CA', { timeZone: zone })];
  const named = (text: string): string => text.replaceAll('{carrier}', carrierTitle).replaceAll('{code}', subject.pickup?.code ?? '').replaceAll('{place}', subject.pickup?.place.replaceAll('\n', ', ') ?? '');
  const today = key.format(now);
  const yesterday = key.format(new Date(now.getTime() - 86_400_000));
  const dayLabel = (iso: string): string => {
    const on = key.format(new Date(iso));
    const label = day.format(new Date(iso));
    return on === today ? `${say.page.today} · ${label}` : on === yesterday ? `${say.page.yesterday} · ${label}` : label;
  };
  const own = subject.shippedAt === '' ? [] : [{ occurredAt: subject.shippedAt, text: '', place: '', milestone: 'MILESTONE_LABEL_CREATED' as Milestone, title: say.page.shippedEntry }];
  const titleOf = ({ text, milestone }: PageScan): string => {
    if (language === 'zh' && text !== '') return text;
    if (milestone === 'MILESTONE_IN_TRANSIT' && text.includes('发往')) return say.hub.left;
    return milestone === 'MILESTONE_IN_TRANSIT' && text.includes('到达') ? say.hub.arrived : say.scan[milestone];
  };
  const told = subject.scans.map((scan) => ({ ...scan, title: titleOf(scan) }));
  // Oldest first and stable, then turned: of two scans of one second the later recorded one stands on top.
  const entries = [...own, ...told].toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0)).toReversed();
  const latest = subject.scans.toSorted((a, b) => (a.occurredAt < b.occurredAt ? -1 : a.occurredAt > b.occurredAt ? 1 : 0)).at(-1);
  const milestone = shown(subject.milestone, latest);
  const shipped = subject.shippedAt !== '';
  const plain = say.status[milestone];
  const status = milestone === 'MILESTONE_IN_TRANSIT' && setbacks.slice(1).includes(subject.milestone) ? say.again : shipped && rankOf(milestone) <= rankOf('MILESTONE_LABEL_CREATED') ? say.shipped : plain;
  const stage = stageOf(milestone, shipped);
  const last = latest ?? (shipped ? { occurredAt: subject.shippedAt, place: '' } : undefined);
  const stepTitle = ({ step, detail }: ProvenStep): string => {
    if (rankOf(step as Milestone) >= 0) return [say.scan[step as Milestone], detail].filter((part) => part !== '').join(' · ');
    const warehouse = subject.proven?.warehouseNames.find((one) => one.warehouse === detail)?.[language] ?? say.proof.warehouse;
    return named(say.proof.steps[step as keyof typeof say.proof.steps]).replaceAll('{warehouse}', () => warehouse);
  };
  const promise = (): PageView['promise'] => {
    if (subject.promisedAt === '' || isFinal(milestone) || milestone === 'MILESTONE_RETURNING') return null;
    const due = new Date(subject.promisedAt);
    if (due < now) return { text: say.page.late, late: true };
    return { text: key.format(due) === today ? say.page.expectedToday : say.page.expected.replace('{day}', day.format(due)), late: false };
  };
  const grouped = Map.groupBy(entries, ({ occurredAt }) => key.format(new Date(occurredAt)));
  return {
    tag: say.tag,
    language,
    other: { href: `?lang=${say.other.language}${subject.asks.embed ? '&embed=1' : ''}`, tag: words[say.other.language].tag, label: say.other.label },
    title: say.page.title,
    tone: tones[milestone] ?? 'moving',
    pill: shipped && rankOf(milestone) <= rankOf('MILESTONE_LABEL_CREATED') ? say.stages[0] : say.scan[milestone],
    sentence: named(status.sentence),
    detail: last ? [`${day.format(new Date(last.occurredAt))} ${time.format(new Date(last.occurredAt))}`, last.place].filter((part) => part !== '').join(' · ') : '',
    promise: promise(),
    next: named(status.next),
    stages: say.stages.map((label, index) => ({ label, state: index < stage ? 'done' : index === stage ? (isFinal(milestone) ? 'done' : 'now') : 'todo' })),
    days: [...grouped.values()].map((all) => ({
      label: dayLabel(all[0]!.occurredAt),
      entries: all.map((entry) => ({
        time: time.format(new Date(entry.occurredAt)),
        iso: entry.occurredAt,
        title: entry.title,
        original: language === 'en' ? entry.text : '',
        place: entry.place,
        latest: entry === entries[0],
        tone: tones[entry.milestone] ?? 'moving',
      })),
    })),
    subject,
    zone: say.page.zone.replace('{zone}', zoneLabel(zone, language, now)),
    words: say.page,
    linked,
    embed: subject.asks.embed,
    query: `?lang=${language}${subject.asks.embed ? '&embed=1' : ''}`,
    action: `/t/${subject.asks.token}`,
    choosing: subject.asks.choosing,
    chosen: subject.asks.choice === '' ? '' : say.answers.chosen[subject.asks.choice],
    rating: subject.asks.rating,
    rated: subject.asks.rated,
    writes: subject.asks.writes,
    say: say.answers,
    proven: (subject.proven?.steps ?? []).map((step) => ({ title: stepTitle(step), iso: step.at, time: `${day.format(new Date(step.at))} ${time.format(new Date(step.at))}`, fingerprint: fingerprintOf(step) })),
    proof: say.proof,
  };
};

/** So much of a hash as a person compares by eye; the whole stands in provenance.json. */
const fingerprintOf = ({ event }: ProvenStep): string => event?.hash.slice(0, 12).match(/.{1,4}/g)?.join(' ') ?? '';

const zoneLabel = (zone: string, language: Language, now: Date): string => {
  const part = (style: 'longGeneric' | 'shortOffset'): string =>
    new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: zone, timeZoneName: style }).formatToParts(now).find(({ type }) => type === 'timeZoneName')?.value ?? zone;
  return zone === 'Asia/Shanghai' ? (language === 'zh' ? '北京时间' : 'Beijing time') : `${part('longGeneric')} (${part('shortOffset')})`;
};
