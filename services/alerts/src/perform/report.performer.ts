import type { Meta } from '@flotilla/event-store';
import type { ServicePerformer } from '@flotilla/service-kit';
import type { Reported } from '../accept/reporting.js';
import { DAILY, reporting, type Report } from '../decide/report.decider.js';
import { mailOf, paperOf } from './report-paper.js';
import type { Targets } from './targets.js';

/** The paper of a day for one target. */
export interface ReportMail {
  readonly day: string;
  readonly target: string;
}

class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

// graphile-worker waits exp(attempt) seconds: about a day in all. After that the next report is there.
const enough = 11;

/**
 * Mails a report. A crash or a lost answer is followed by the same mail with the same Message-ID, which mail servers and readers show
 * once. What cannot be handed over is written down; the report stays to be read over gRPC.
 */
export const reportPerformer = (ctx: Reported, targets: Targets): ServicePerformer => {
  const settle = async ({ day, target }: ReportMail, outcome: 'MAILED' | 'FAILED', detail: string, meta: Meta): Promise<void> => {
    const at = ctx.clock.business().toISOString();
    await ctx.store.execute({ streams: [[reporting, DAILY]], meta, decide: (unit) => void unit.run(reporting, DAILY, { type: 'Deliver', data: { day, target, outcome, detail, at } }) });
    if (outcome === 'FAILED') ctx.log.error({ day, target, detail }, 'a daily report could not be mailed; read it with Reports/Paper');
  };
  const reportOf = async (day: string): Promise<{ readonly report: Report | undefined; readonly settled: Readonly<Record<string, true>> }> => {
    const { last, settled } = (await ctx.store.folded(reporting, [DAILY])).get(DAILY)!.state;
    if (last?.day === day) return { report: last, settled };
    const { rows } = await ctx.pool.query<{ report: Report }>('SELECT report FROM read.report WHERE day = $1', [day]);
    return { report: rows[0]?.report, settled: {} };
  };
  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const one = job.payload as ReportMail;
    const { report, settled } = await reportOf(one.day);
    if (!report || settled[one.target]) return;
    const target = targets.all.get(one.target);
    if (!target?.port.post) return settle(one, 'FAILED', 'this target takes no reports any more', meta);
    const { subject, text } = mailOf(report, target.language);
    const handed = await target.port.post({
      subject, text, messageId: `<report-${one.day}-${one.target}@alerts.flotilla>`,
      attachments: [{ filename: `flotilla-report-${one.day}.pdf`, contentType: 'application/pdf', content: await paperOf(report, ctx.config.FLOTILLA_REPORT_ZONE) }],
    });
    if (handed.accepted) return settle(one, 'MAILED', '', meta);
    if (handed.final || job.attempt >= enough) return settle(one, 'FAILED', handed.detail, meta);
    throw new TryAgain(`not handed over (${handed.detail}); it is tried again`);
  };
  return { concurrency: 1, perform, resolve: perform };
};
