/** The look of the buyers' pages: one sheet, inline, phone first. Colours are tokens; every pair of text and ground is at least 4.5:1. */
export const style = `
:root{color-scheme:light dark;--ground:#f4f2ec;--card:#fff;--ink:#17211d;--soft:#56625c;--line:#e2dfd6;--accent:#0b6b57;--tint:#e3f1ec;--warn:#9a4a06;--warn-tint:#fbeadb;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#0f1513;--card:#182120;--ink:#e9efec;--soft:#a1aea8;--line:#2b3735;--accent:#5fd0b2;--tint:#16322b;--warn:#f2b07a;--warn-tint:#38250f;--on:#0b1512}}
*,*::before,*::after{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%}
body{background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI","PingFang SC","Hiragino Sans GB","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;min-height:100vh;padding:0 16px 40px}
main,header{max-width:640px;margin:0 auto}
header{display:flex;justify-content:space-between;align-items:center;padding:18px 2px 14px;font-size:14px;color:var(--soft)}
a{color:var(--accent);text-underline-offset:3px}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:6px}
header a{padding:8px 4px;text-decoration:none}
.card{background:var(--card);border-radius:20px;padding:24px 22px;margin-bottom:14px;box-shadow:0 1px 2px rgb(0 0 0/.04),0 10px 30px -18px rgb(0 0 0/.18)}
.pill{display:inline-flex;align-items:center;gap:8px;background:var(--tint);color:var(--accent);border-radius:99px;padding:4px 12px;font-size:13px;font-weight:600}
.pill i{width:8px;height:8px;border-radius:50%;background:currentColor}
.trouble .pill{background:var(--warn-tint);color:var(--warn)}
.still .pill{background:var(--line);color:var(--ink)}
h1{font-size:28px;line-height:1.22;letter-spacing:-.015em;margin:14px 0 6px;text-wrap:balance}
.detail{color:var(--soft);font-variant-numeric:tabular-nums}
.promise{font-size:18px;font-weight:650;color:var(--accent);margin-bottom:4px}.promise.late{color:var(--warn);font-size:16px}
.next{margin-top:14px;padding-top:14px;border-top:1px solid var(--line)}
.stages{display:flex;list-style:none;padding:0;margin:26px 0 2px}
.stages li{flex:1;position:relative;text-align:center;font-size:13px;line-height:1.3;color:var(--soft);padding-top:26px}
.stages li::before{content:"";position:absolute;top:5px;left:calc(50% - 7px);width:14px;height:14px;border-radius:50%;background:var(--card);border:2px solid var(--line);z-index:1}
.stages li+li::after{content:"";position:absolute;top:11px;right:calc(50% + 7px);width:calc(100% - 14px);height:2px;background:var(--line)}
.stages .done::before{background:var(--accent);border-color:var(--accent)}
.stages .now::before{background:var(--card);border:5px solid var(--accent);top:3px;left:calc(50% - 9px);width:18px;height:18px}
.stages .done+li::after{background:var(--accent)!important}
.stages .now{color:var(--ink);font-weight:650}.stages .done{color:var(--ink)}
.trouble .stages .now::before{border-color:var(--warn)}
h2{font-size:13px;font-weight:650;letter-spacing:.04em;color:var(--soft);margin-bottom:14px}
h3{font-size:14px;font-weight:650;margin:28px 0 12px}
.day:first-of-type h3{margin-top:0}
.line{list-style:none;padding:0}
.line li{display:grid;grid-template-columns:46px 18px 1fr;gap:0 10px;padding-bottom:18px;position:relative}
.line time{color:var(--soft);font-size:14px;font-variant-numeric:tabular-nums;padding-top:1px}
.line b{width:10px;height:10px;border-radius:50%;background:var(--line);margin:8px 0 0 4px;position:relative;z-index:1}
.line li::after{content:"";position:absolute;left:64px;top:8px;bottom:-8px;width:2px;background:var(--line)}
.line li:last-child::after{display:none}
.line li:last-child{padding-bottom:0}
.line .latest b{background:var(--accent);box-shadow:0 0 0 4px var(--tint)}
.line .latest .what{font-weight:650}
.line .trouble b{background:var(--warn)}.line .latest.trouble b{box-shadow:0 0 0 4px var(--warn-tint)}
.what{overflow-wrap:anywhere}
.place,.orig{color:var(--soft);font-size:14px;overflow-wrap:anywhere}
.orig{display:none}
.switch{display:flex;margin-top:0;font-weight:400;gap:10px;align-items:center;font-size:14px;color:var(--soft);margin-bottom:18px;min-height:32px}
.switch input{width:18px;height:18px;accent-color:var(--accent)}
.journey:has(.switch input:checked) .orig{display:block}
.items{list-style:none;padding:0}
.items li{display:flex;justify-content:space-between;gap:16px;padding:10px 0;border-top:1px solid var(--line)}
.items li:first-child{border-top:0;padding-top:0}.items li:last-child{padding-bottom:0}
.items span:first-child{overflow-wrap:anywhere}
.items span:last-child{color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
.proof{margin:14px 0}.proof li span:first-child{color:inherit;white-space:normal}.proof time{display:block;color:var(--soft);font-size:14px;font-variant-numeric:tabular-nums}.proof code{color:var(--soft);font-size:13px;white-space:nowrap;padding-top:2px}
.facts{display:flex;flex-wrap:wrap;gap:14px 32px}
dt{font-size:13px;color:var(--soft)}dd{margin:0;font-weight:600;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
footer{max-width:640px;margin:18px auto 0;color:var(--soft);font-size:13px;text-align:center}
label{display:block;font-weight:600;margin:18px 0 6px}
.hint{color:var(--soft);font-size:14px;margin-top:5px}
form input{width:100%;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:12px;padding:13px 14px;min-height:48px}
button,.button{display:block;width:100%;margin-top:26px;font:inherit;font-weight:650;text-align:center;text-decoration:none;color:var(--on);background:var(--accent);border:0;border-radius:99px;padding:14px 20px;min-height:50px;cursor:pointer}
.embed{background:none;min-height:0;padding:0 2px 2px}.embed header{padding:2px;justify-content:flex-end}.embed header span{display:none}.embed .card{box-shadow:none;border:1px solid var(--line)}
fieldset{border:0;padding:0}legend{padding:0;margin-bottom:8px}
.pick{display:flex;gap:12px;align-items:center;font-weight:400;margin:0;padding:12px 0;border-top:1px solid var(--line);min-height:48px}
form input[type=radio]{width:20px;height:20px;min-height:0;flex:none;accent-color:var(--accent)}
.more{display:none;padding-bottom:14px}.more label{margin-top:0}.pick:has(:checked)+.more{display:block}
@supports not selector(:has(*)){.more{display:block}}
textarea{width:100%;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:12px;padding:13px 14px}
.stars{display:flex;gap:8px}.stars label{flex:1;margin:0;position:relative;text-align:center}.stars input{position:absolute;opacity:0;inset:0;width:100%!important;height:100%!important;cursor:pointer}
.stars span{display:block;border:1px solid var(--soft);border-radius:12px;padding:12px 0;min-height:48px;font-weight:650}.stars :checked+span{background:var(--accent);border-color:var(--accent);color:var(--on)}.stars :focus-visible+span{outline:3px solid var(--accent);outline-offset:3px}
.card.note{margin-top:0;padding:16px 22px}
.note{background:var(--tint);border-radius:12px;padding:12px 14px;margin-top:18px}
@media (min-width:760px){body{padding-top:28px}.card{padding:34px 36px}h1{font-size:36px}.stages li{font-size:14px}}
@media (prefers-reduced-motion:no-preference){.moving .pill i{animation:pulse 2.4s ease-in-out infinite}@keyframes pulse{50%{opacity:.35}}}
@media print{.card{box-shadow:none;padding:12px 0}header a,.switch{display:none}}
`.replaceAll('\n', '');
