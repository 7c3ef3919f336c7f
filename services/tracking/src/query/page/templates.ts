import { Eta } from 'eta';
import { style } from './style.js';
import type { PageView } from './view.js';
import { words, type Language, type Words } from './words.js';

const eta = new Eta({ autoEscape: true, autoTrim: [false, 'nl'] });

const head = `<!doctype html>
<html lang="<%= it.tag %>"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex,nofollow"><meta name="referrer" content="no-referrer">
<title><%= it.title %></title><style>${style}</style></head>`;

const parcel = `${head}
<body<%= it.embed ? ' class=embed' : '' %>><header><span><%= it.title %></span><a href="<%= it.other.href %>" lang="<%= it.other.tag %>" hreflang="<%= it.other.tag %>"><%= it.other.label %></a></header>
<main class="<%= it.tone %>">
<section class="card" aria-label="<%= it.title %>">
<p class="pill"><i></i><%= it.pill %></p>
<h1><%= it.sentence %></h1>
<% if (it.promise) { %><p class="promise<%= it.promise.late ? ' late' : '' %>"><%= it.promise.text %></p><% } %>
<% if (it.detail) { %><p class="detail"><%= it.detail %></p><% } %>
<ol class="stages"><% it.stages.forEach((stage) => { %><li class="<%= stage.state %>"<% if (stage.state === 'now') { %> aria-current="step"<% } %>><%= stage.label %></li><% }) %></ol>
<% if (it.next) { %><p class="next"><%= it.next %></p><% } %>
</section>
<% if (it.choosing) { %><section class="card" id="choice"><h2><%= it.say.choice.title %></h2><form method="post" action="<%= it.action %>/choice<%= it.query %>"><fieldset><legend><%= it.say.choice.lead %></legend>
<% if (it.writes) { %><label class="pick"><input type="radio" name="choice" value="FORWARD" required><%= it.say.choice.forward %></label><div class="more"><label for="address"><%= it.say.choice.address %></label><textarea id="address" name="address" rows="3" maxlength="300" autocomplete="street-address"></textarea></div><% } %>
<label class="pick"><input type="radio" name="choice" value="KEEP" required><%= it.say.choice.keep %></label>
<label class="pick"><input type="radio" name="choice" value="RETURN" required><%= it.say.choice.back %></label></fieldset><button><%= it.say.choice.send %></button></form></section><% } %>
<% if (it.chosen) { %><p class="card note" role="status"><%= it.chosen %></p><% } %>
<% if (it.rating) { %><section class="card" id="feedback"><h2><%= it.say.feedback.title %></h2><form method="post" action="<%= it.action %>/feedback<%= it.query %>"><fieldset><legend><%= it.say.feedback.lead %></legend><div class="stars"><% [1, 2, 3, 4, 5].forEach((n) => { %><label><input type="radio" name="rating" value="<%= n %>" required><span><%= n %></span></label><% }) %></div><p class="hint"><%= it.say.feedback.scale %></p></fieldset>
<% if (it.writes) { %><label for="words"><%= it.say.feedback.words %></label><textarea id="words" name="words" rows="3" maxlength="500"></textarea><% } %><button><%= it.say.feedback.send %></button></form></section><% } %>
<% if (it.rated) { %><p class="card note" role="status"><%= it.say.feedback.thanks %></p><% } %>
<section class="card journey"><h2><%= it.words.journey %></h2>
<% if (it.hasOriginal) { %><label class="switch"><input type="checkbox"><%= it.words.original %></label><% } %>
<% if (it.days.length === 0) { %><p class="detail"><%= it.words.none %></p><% } %>
<% it.days.forEach((day) => { %><div class="day"><h3><%= day.label %></h3><ol class="line"><% day.entries.forEach((entry) => { %>
<li class="<%= entry.tone %><%= entry.latest ? ' latest' : '' %>"><time datetime="<%= entry.iso %>"><%= entry.time %></time><b></b><div><p class="what"><%= entry.title %></p><% if (entry.place) { %><p class="place"><%= entry.place %></p><% } %><% if (entry.original) { %><p class="orig" lang="zh"><%= entry.original %></p><% } %></div></li><% }) %>
</ol></div><% }) %>
</section>
<% if (it.proven.length > 0) { %><section class="card" id="provenance"><h2><%= it.proof.title %></h2><p class="detail"><%= it.proof.lead %></p><ol class="items proof"><% it.proven.forEach((step) => { %><li><span><%= step.title %><time datetime="<%= step.iso %>"><%= step.time %></time></span><% if (step.fingerprint) { %><code><%= step.fingerprint %></code><% } %></li><% }) %></ol><p class="hint"><a href="<%= it.action %>/provenance.json" download="provenance-<%= it.subject.waybill %>.json"><%= it.proof.file %></a></p></section><% } %>
<% if (it.subject.items.length > 0) { %><section class="card"><h2><%= it.words.items %></h2><ul class="items"><% it.subject.items.forEach((item) => { %><li><span><%= item.name %></span><span>× <%= item.quantity %></span></li><% }) %></ul></section><% } %>
<section class="card"><dl class="facts"><% if (it.subject.number) { %><div><dt><%= it.words.order %></dt><dd><%= it.subject.number %></dd></div><% } %><div><dt><%= it.carrierTitle %> · <%= it.words.waybill %></dt><dd><%= it.subject.waybill %></dd></div></dl></section>
</main><footer><%= it.zone %></footer>
<script type="application/ld+json"><%~ it.linked %></script>
</body></html>`;

const message = `${head}
<body<%= it.embed ? ' class=embed' : '' %>><header><span><%= it.title %></span><a href="<%= it.other.href %>" lang="<%= it.other.tag %>" hreflang="<%= it.other.tag %>"><%= it.other.label %></a></header>
<main><section class="card"><h1><%= it.sentence %></h1><p class="detail"><%= it.next %></p><a class="button" href="<%= it.href %>"><%= it.button %></a></section></main></body></html>`;

const consenting = `${head}
<body<%= it.embed ? ' class=embed' : '' %>><header><span><%= it.title %></span><a href="<%= it.other.href %>" lang="<%= it.other.tag %>" hreflang="<%= it.other.tag %>"><%= it.other.label %></a></header>
<main><section class="card"><h1><%= it.sentence %></h1><p class="detail"><%= it.next %></p><% if (it.button) { %><form method="post"><% if (it.again) { %><input type="hidden" name="again" value="yes"><% } %><button><%= it.button %></button></form><% } %></section></main></body></html>`;

const phone = `${head}
<body<%= it.embed ? ' class=embed' : '' %>><header><span></span><a href="<%= it.other.href %>" lang="<%= it.other.tag %>" hreflang="<%= it.other.tag %>"><%= it.other.label %></a></header>
<main><section class="card"><h1><%= it.words.title %></h1><p class="detail"><%= it.words.lead %></p>
<% if (it.note) { %><p class="note" role="status"><%= it.note %></p><% } %>
<% if (it.found.length > 0) { %><h2 style="margin-top:24px"><%= it.labels.several %></h2><ul class="items"><% it.found.forEach((one) => { %><li><span><a href="<%= one.href %>"><%= one.label %></a></span><span><%= one.state %></span></li><% }) %></ul><% } else { %>
<form method="post" action="/track/phone<%= it.query %>">
<% if (it.asking) { %><label for="phone"><%= it.labels.phone %></label><input id="phone" name="phone" type="tel" autocomplete="tel" inputmode="tel" required maxlength="40" aria-describedby="phone-hint"><p class="hint" id="phone-hint"><%= it.labels.phoneHint %></p>
<button><%= it.words.send %></button><% } else { %><input type="hidden" name="phone" value="<%= it.phone %>"><label for="code"><%= it.words.code %></label><input id="code" name="code" type="text" autocomplete="one-time-code" inputmode="numeric" required maxlength="20">
<button><%= it.words.check %></button><p class="hint"><a href="/track/phone<%= it.query %>"><%= it.words.again %></a></p><% } %></form><% } %></section></main></body></html>`;

const track = `${head}
<body<%= it.embed ? ' class=embed' : '' %>><header><span></span><a href="<%= it.other.href %>" lang="<%= it.other.tag %>" hreflang="<%= it.other.tag %>"><%= it.other.label %></a></header>
<main><section class="card"><h1><%= it.words.title %></h1><p class="detail"><%= it.words.lead %></p>
<% if (it.note) { %><p class="note" role="status"><%= it.note %></p><% } %>
<% if (it.found.length > 0) { %><h2 style="margin-top:24px"><%= it.words.several %></h2><ul class="items"><% it.found.forEach((one) => { %><li><span><a href="<%= one.href %>"><%= one.label %></a></span><span><%= one.state %></span></li><% }) %></ul><% } %>
<form method="post" action="/track<%= it.query %>">
<label for="phone"><%= it.words.phone %></label><input id="phone" name="phone" type="tel" autocomplete="tel" inputmode="tel" required maxlength="40" aria-describedby="phone-hint"><p class="hint" id="phone-hint"><%= it.words.phoneHint %></p>
<label for="number"><%= it.words.number %></label><input id="number" name="number" type="text" autocomplete="off" required maxlength="60" aria-describedby="number-hint"><p class="hint" id="number-hint"><%= it.words.numberHint %></p>
<button><%= it.words.button %></button></form><p class="hint"><a href="/track/phone<%= it.query %>"><%= it.byPhone %></a></p></section></main></body></html>`;

const compiled = { parcel: eta.compile(parcel), message: eta.compile(message), consenting: eta.compile(consenting), phone: eta.compile(phone), track: eta.compile(track) };

const render = (name: keyof typeof compiled, it: object): string => eta.render(compiled[name], it);

/** The page of one parcel. */
export const parcelPage = (view: PageView, carrierTitle: string): string => {
  const hasOriginal = view.days.some(({ entries }) => entries.some(({ original }) => original !== ''));
  return render('parcel', { ...view, carrierTitle, hasOriginal });
};

/** The language that was chosen, and whether the page stands in a frame. */
export const queryOf = (language: Language, embed: boolean): string => `?lang=${language}${embed ? '&embed=1' : ''}`;

interface Frame {
  readonly tag: string;
  readonly language: string;
  readonly title: string;
  readonly other: PageView['other'];
  /** Shown in a frame of the shop's site: without what stands around it there. */
  readonly embed: boolean;
  /** What every link and form of the page carries on. */
  readonly query: string;
}

/** What stands around every page. `other`: the same page in the other language. */
export const frameOf = (language: Language, title: string, embed = false): Frame => {
  const { tag, other } = words[language];
  return { tag, language, title, embed, query: queryOf(language, embed), other: { href: queryOf(other.language, embed), tag: words[other.language].tag, label: other.label } };
};

/** A page that says one thing and leads on. */
export const messagePage = (it: Frame & { readonly sentence: string; readonly next: string; readonly button: string; readonly href: string }): string => render('message', it);

/** Whether a person is written to, and the button that changes it; none for a link that is not valid. */
export const consentPage = (it: Frame & { readonly sentence: string; readonly next: string; readonly button: string; readonly again: boolean }): string => render('consenting', it);

/** The look-up by phone: first the phone, then the code that was sent to it, then what is found. */
export const phonePage = (it: Frame & { readonly words: Words['phone']; readonly labels: Words['track']; readonly phone: string; readonly note: string; readonly asking: boolean; readonly found: readonly { readonly href: string; readonly label: string; readonly state: string }[] }): string => render('phone', it);

/** The look-up by phone and order number. `found` is filled when one order has several parcels. */
export const trackPage = (it: Frame & { readonly words: Words['track']; readonly byPhone: string; readonly note: string; readonly found: readonly { readonly href: string; readonly label: string; readonly state: string }[] }): string => render('track', it);
