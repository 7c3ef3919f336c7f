import type { alerts } from '@flotilla/contracts';
import { draw, pagesOf, paper, pdfPaper, type Sheet } from '@flotilla/paper';
import type { Report } from '../decide/report.decider.js';
import type { Language } from './channels/channel.js';

const clockOf = (zone: string): ((at: string) => string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return (at) => format.format(new Date(at));
};

const change = ({ known, compared, value, before }: alerts.ReportFigure): string => (known && compared ? `${value >= before ? '+' : '−'}${Math.abs(value - before)}` : '');
const shown = ({ known, value }: alerts.ReportFigure): string => (known ? String(value) : '—');

/** What a day's report says on paper, in both languages. */
export const sheetOf = (report: Report, zone: string): Sheet => {
  const at = clockOf(zone);
  const { day, from, to, figures, rules, owners, oldest, acknowledged, medianMinutes, silent } = report;
  const open = owners.reduce((sum, one) => sum + one.open, 0);
  return {
    ...paper.A4,
    title: `每日健康报告 DAILY HEALTH REPORT  ${day}`,
    code: '',
    about: [
      `${at(from)} – ${at(to)}  ${zone}`,
      `未确认异常 open incidents  ${open}      确认 acknowledged  ${acknowledged}${acknowledged > 0 ? `（中位 median ${medianMinutes} min）` : ''}`,
      ...(silent.length > 0 ? [`未应答的服务 services that did not answer: ${silent.join(', ')}`] : []),
    ],
    tables: [
      {
        heading: '关键指标 Key figures',
        columns: [{ title: '指标 Figure', width: 96 }, { title: '本期 Now', width: 28, align: 'right' }, { title: '上期 Before', width: 30, align: 'right' }, { title: '变化 Change', width: 36, align: 'right' }],
        rows: figures.map((figure) => [`${figure.titleZh} ${figure.title}${figure.flow ? '' : ' ·'}`, shown(figure), figure.compared ? String(figure.before) : '', change(figure)]),
      },
      {
        heading: '异常 Exceptions by rule',
        columns: [{ title: '规则 Rule', width: 92 }, { title: '级别 Severity', width: 32 }, { title: '新增 Raised', width: 22, align: 'right' }, { title: '解除 Cleared', width: 23, align: 'right' }, { title: '未解除 Open', width: 21, align: 'right' }],
        rows: rules.map(({ title, titleZh, severity, raised, cleared, open: still }) => [`${titleZh} ${title}`, severity, String(raised), String(cleared), String(still)]),
      },
      {
        heading: '责任分布 Owner split',
        columns: [{ title: '角色 Role', width: 62 }, { title: '新增 Raised', width: 26, align: 'right' }, { title: '未确认 Open', width: 28, align: 'right' }, { title: '处理中 Acknowledged', width: 36, align: 'right' }, { title: '最早 Oldest', width: 38, align: 'right' }],
        rows: owners.map(({ role, raised, open: mine, acknowledged: taken, oldestAt }) => [role === '' ? '—' : role, String(raised), String(mine), String(taken), oldestAt === '' ? '' : at(oldestAt)]),
      },
      ...(oldest.length === 0
        ? []
        : [
            {
              heading: '最早的未解除异常 Longest open',
              columns: [{ title: '自 Since', width: 32 }, { title: '规则 Rule', width: 62 }, { title: '对象 Subject', width: 66 }, { title: '处理人 By', width: 30 }],
              rows: oldest.map(({ raisedAt, title, titleZh, subjectKind, subjectId, acknowledgedBy }) => [at(raisedAt), `${titleZh} ${title}`, `${subjectKind} ${subjectId}`, acknowledgedBy === '' ? '' : `${Array.from(acknowledgedBy)[0]}***`]),
            },
          ]),
    ],
    foot: ['· 期末状态 how it stands at the end; 其余为本期累计 all others are counted over the time above'],
  };
};

/** The PDF of a report: the same bytes of the same report. */
export const paperOf = async (report: Report, zone: string): Promise<Buffer> => {
  const pdf = pdfPaper(`Flotilla ${report.day}`, report.to);
  await draw(pdf, pagesOf(sheetOf(report, zone)));
  return pdf.end();
};

const words = {
  zh: { subject: (day: string, open: number) => `【Flotilla 日报】${day}：${open} 条未确认异常`, more: '详见附件 PDF。', silent: '未应答的服务' },
  en: { subject: (day: string, open: number) => `[Flotilla daily] ${day}: ${open} open ${open === 1 ? 'incident' : 'incidents'}`, more: 'The attached PDF has the rest.', silent: 'Services that did not answer' },
} as const;

/** The words of the mail that brings it. */
export const mailOf = (report: Report, language: Language): { readonly subject: string; readonly text: string } => {
  const said = words[language];
  const lines = report.figures.map((figure) => `${language === 'zh' ? figure.titleZh : figure.title}: ${shown(figure)}${change(figure) === '' ? '' : ` (${change(figure)})`}`);
  return {
    subject: said.subject(report.day, report.owners.reduce((sum, { open }) => sum + open, 0)),
    text: `${[...lines, ...(report.silent.length > 0 ? [`${said.silent}: ${report.silent.join(', ')}`] : []), '', said.more].join('\n')}\n`,
  };
};
