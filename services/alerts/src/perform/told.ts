import { maskPhone } from '@flotilla/values';
import type { Item } from '../decide/bundle.decider.js';
import type { Message } from '../decide/message.decider.js';
import { titleOf, type Severity, type Words } from '../decide/rules.js';
import type { ChannelManifest, Language, TicketTold, Told } from './channels/channel.js';

const severityWords: Readonly<Record<Severity, Words>> = { INFO: { zh: '提示', en: 'Info' }, WARNING: { zh: '告警', en: 'Warning' }, CRITICAL: { zh: '严重告警', en: 'Critical' } };

// Where all that was listed is over, and what came after it is left.
const unlisted: Words = { zh: '见控制台', en: 'see the console' };

/** A chat is read by many: phones and addresses of people do not belong there, whoever put them into a detail. */
export const withoutPersonal = (text: string): string =>
  text
    .replace(/[^\s@<>，。；：]+@[^\s@<>，。；：]+\.[a-z]{2,}/gi, '***')
    .replace(/(?<![\dA-Za-z-])\+?\d[\d\s()-]{8,16}\d(?![\dA-Za-z-])/g, (found) => (/^\d{4}-\d{2}-\d{2}/.test(found) ? found : maskPhone(found)))
    .replace(/(In charge: |负责人：)(?!nobody|未登记)(\p{L})[^;；。\n]*/gu, '$1$2***');

/** Whether a target is still of the kind that a message was made for: the targets file may have made a ticket system of a chat, or the other way round. */
export const fits = ({ change }: Message, { tickets = false }: ChannelManifest): boolean => tickets === (change !== undefined);

const toTicket = ({ incidentId, rule, subjectKind, subjectId, detail, detailZh, raisedAt }: Item, change: NonNullable<Message['change']>): TicketTold => ({
  ...change,
  // Whoever signs in by an address is masked, too.
  acknowledgedBy: withoutPersonal(change.acknowledgedBy),
  incidentId,
  rule,
  subjectKind,
  subjectId,
  title: titleOf(rule),
  detail: { zh: withoutPersonal(detailZh === '' ? detail : detailZh), en: withoutPersonal(detail) },
  raisedAt,
});

/** A message as it is said in a language. */
export const toTold = ({ messageId, severity, items, more, requestedAt, change }: Message, refusals: number, language: Language): Told => {
  const sections = [...Map.groupBy(items, ({ rule }) => rule)].map(([rule, all]) => ({
    rule,
    title: titleOf(rule)[language],
    items: all.map(({ incidentId, subjectKind, subjectId, detail, detailZh, raisedAt, level }) => ({ incidentId, subjectKind, subjectId, detail: withoutPersonal(language === 'zh' && detailZh !== '' ? detailZh : detail), raisedAt, level })),
  }));
  const count = items.length + more;
  const titles = sections.length === 0 ? unlisted[language] : sections.map(({ title }) => title).slice(0, 3).join(language === 'zh' ? '、' : ', ');
  const what = language === 'zh' ? `${titles}${sections.length > 3 ? '等' : ''}，共 ${count} 条` : `${titles}${sections.length > 3 ? ' and others' : ''}: ${count} ${count === 1 ? 'incident' : 'incidents'}`;
  return { messageId, refusals, language, severity, headline: `${language === 'zh' ? `【${severityWords[severity].zh}】` : `[${severityWords[severity].en}] `}${what}`, sections, more, at: requestedAt, ...(change && items[0] ? { ticket: toTicket(items[0], change) } : {}) };
};
