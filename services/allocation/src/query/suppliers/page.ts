import { escapeHtml } from '@flotilla/values';
import { DECLINES } from '../../decide/suppliers/offer.events.js';
import { words, type Language, type Stage } from './page.words.js';

/** All that the page of an offer shows. */
export interface OfferView {
  readonly language: Language;
  readonly number: string;
  readonly supplier: string;
  readonly stage: Stage;
  readonly until: string;
  readonly lines: readonly { readonly sku: string; readonly name: string; readonly quantity: number; readonly price: string }[];
  /** "" = the costs are not known, or of several currencies. */
  readonly sum: string;
  /** Lines of the address, masked until it is to be sent. `[]` = it was erased. */
  readonly recipient: readonly string[];
  readonly masked: boolean;
  readonly sent: string;
  /** What was attached, as people read sizes, and where another one can be sent to; null = nothing is kept here. */
  readonly video: { readonly attached: readonly string[]; readonly action: string; readonly mostMebibytes: number } | null;
  readonly form: string;
  readonly note: string;
}

const style = `:root{color-scheme:light dark;--ground:#f4f2ec;--card:#fff;--ink:#17211d;--soft:#56625c;--line:#e2dfd6;--accent:#0b6b57;--tint:#e3f1ec;--warn:#9a4a06;--warn-tint:#fbeadb;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#0f1513;--card:#182120;--ink:#e9efec;--soft:#a1aea8;--line:#2b3735;--accent:#5fd0b2;--tint:#16322b;--warn:#f2b07a;--warn-tint:#38250f;--on:#0b1512}}
*,*::before{box-sizing:border-box;margin:0}
body{background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;padding:0 16px 40px}
header,main{max-width:640px;margin:0 auto}
header{display:flex;justify-content:space-between;align-items:center;padding:18px 2px 14px;font-size:14px;color:var(--soft)}
a{color:var(--accent);padding:8px 4px;text-decoration:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:6px}
.card{background:var(--card);border-radius:20px;padding:24px 22px;margin-bottom:14px;overflow-wrap:anywhere}
.pill{display:inline-block;background:var(--tint);color:var(--accent);border-radius:99px;padding:4px 12px;font-size:13px;font-weight:600}
.over .pill,.note{background:var(--warn-tint);color:var(--warn)}
.note{border-radius:12px;padding:12px 14px;margin-bottom:14px}
h1{font-size:28px;line-height:1.22;margin:14px 0 6px;text-wrap:balance}
h2{font-size:13px;font-weight:650;color:var(--soft);margin-bottom:14px}
.soft{color:var(--soft)}
ul{list-style:none;padding:0}
li{display:grid;grid-template-columns:1fr auto;gap:2px 16px;padding:12px 0;border-top:1px solid var(--line)}
li:first-child{border-top:0;padding-top:0}
li small{color:var(--soft);grid-column:1;font-size:14px}
li b{font-variant-numeric:tabular-nums;white-space:nowrap}
.sum{display:flex;justify-content:space-between;border-top:1px solid var(--line);padding-top:12px;font-weight:650}
address{font-style:normal;white-space:pre-line}
form+form{margin-top:22px;padding-top:22px;border-top:1px solid var(--line)}
label{display:block;font-size:14px;color:var(--soft);margin-bottom:14px}
input,select{display:block;width:100%;min-height:48px;margin-top:6px;padding:10px 12px;font:inherit;color:var(--ink);background:var(--ground);border:1px solid var(--soft);border-radius:12px}
button{width:100%;min-height:52px;border:0;border-radius:99px;background:var(--accent);color:var(--on);font:inherit;font-weight:650;cursor:pointer}
button.plain{background:transparent;color:var(--ink);border:1px solid var(--soft)}
@media (min-width:800px){.two header,.two main{max-width:960px}.two main{display:grid;gap:0 14px;align-items:start;grid-template:"note note" auto "state do" auto "goods do" auto "to do" 1fr/3fr 2fr}.note{grid-area:note}.state{grid-area:state}.goods{grid-area:goods}.to{grid-area:to}.do{grid-area:do}}`;

const frame = (language: Language, title: string, body: string, two = false): string => {
  const { tag, other } = words[language];
  return `<!doctype html>
<html lang="${tag}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex,nofollow"><title>${escapeHtml(title)}</title><style>${style}</style></head>
<body${two ? ' class="two"' : ''}><header><span>${escapeHtml(title)}</span><a href="?lang=${other.language}" lang="${words[other.language].tag}">${other.label}</a></header><main>${body}</main></body></html>`;
};

const over: ReadonlySet<Stage> = new Set(['REFUSED', 'EXPIRED', 'RELEASED']);

/** The page of an offer. It works without script and loads nothing. */
export const offerPage = (view: OfferView): string => {
  const say = words[view.language];
  const stage = say.stages[view.stage];
  const hidden = (action: string): string => `<input type="hidden" name="form" value="${escapeHtml(view.form)}"><input type="hidden" name="action" value="${action}">`;
  const forms: Readonly<Partial<Record<Stage, string>>> = {
    OFFERED: `<form method="post">${hidden('accept')}<button>${say.accept}</button></form>
<form method="post">${hidden('refuse')}<label>${say.reason}<select name="reason">${DECLINES.map((one) => `<option value="${one}">${say.reasons[one]}</option>`).join('')}</select></label><button class="plain">${say.refuse}</button></form>`,
    READY: `<form method="post">${hidden('ship')}<label>${say.carrier}<input name="carrier" required maxlength="32" autocapitalize="none" autocomplete="off"></label>
<label>${say.waybill}<input name="waybill" required minlength="6" maxlength="40" autocapitalize="characters" autocomplete="off"></label><button>${say.ship}</button></form>`,
  };
  const form = forms[view.stage];
  const lines = view.lines.map(({ sku, name, quantity, price }) => `<li><span>${escapeHtml(name)}</span><b>${quantity} ×${price === '' ? '' : ` ${escapeHtml(price)}`}</b><small>${escapeHtml(sku)}</small></li>`).join('');
  const recipient = view.recipient.length === 0 ? escapeHtml(say.erased) : view.recipient.map(escapeHtml).join('\n');
  return frame(
    view.language,
    `${say.title} ${view.number} · ${view.supplier}`,
    `${view.note === '' ? '' : `<p class="note" role="alert">${escapeHtml(view.note)}</p>`}
<section class="card state${over.has(view.stage) ? ' over' : ''}"><span class="pill">${stage.pill}</span><h1>${stage.head}</h1><p class="soft">${escapeHtml(stage.next(view.until))}</p>${view.sent === '' ? '' : `<p>${say.shipped}: <b>${escapeHtml(view.sent)}</b></p>`}</section>
${form === undefined ? '' : `<section class="card do">${form}</section>`}
${view.stage === 'SHIPPED' && view.video ? `<section class="card video"><h2>${say.video}</h2>${view.video.attached.map((size) => `<p><span class="pill">${escapeHtml(say.attached(size))}</span></p>`).join('')}
<form method="post" enctype="multipart/form-data" action="${escapeHtml(view.video.action)}"><label>${say.videoHint(view.video.mostMebibytes)}<input type="file" name="video" accept="video/mp4,video/quicktime,video/webm" required></label><button${view.video.attached.length > 0 ? ' class="plain"' : ''}>${say.attach}</button></form></section>` : ''}
<section class="card goods"><h2>${say.lines}</h2><ul>${lines}</ul>${view.sum === '' ? '' : `<p class="sum"><span>${say.sum}</span><span>${escapeHtml(view.sum)}</span></p>`}</section>
${over.has(view.stage) ? '' : `<section class="card to"><h2>${say.to}</h2><address>${recipient}</address>${view.masked ? `<p class="soft">${say.hidden}</p>` : ''}</section>`}`,
    form !== undefined,
  );
};

/** A page that says one thing, for a link that leads nowhere. */
export const plainPage = (language: Language, head: string, next: string): string => frame(language, words[language].title, `<section class="card over"><h1>${escapeHtml(head)}</h1><p class="soft">${escapeHtml(next)}</p></section>`);
