import type { SourceManifest } from '../source.js';

export const manifest: SourceManifest = {
  name: 'kuaidi100',
  title: { zh: '快递100', en: 'Kuaidi100' },
  carriers: { sf: 'shunfeng', zto: 'zhongtong', yto: 'yuantong', sto: 'shentong', yunda: 'yunda', jt: 'jtexpress', jd: 'jd', ems: 'ems', deppon: 'debangkuaidi' },
  worldwide: false,
  batch: 1, // it is asked for one number at a time
  outside: { timeoutMs: 10_000, ratePerSecond: 10, concurrency: 4 },
};
