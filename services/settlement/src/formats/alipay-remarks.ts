/** Taobao's trades stand in Alipay's books as "T200P" and the trade's number. */
export const tradeNumber = (text: string): string => /^T\d{2,3}P(\d{6,})$/.exec(text)?.[1] ?? text;

/** A line of a file that is none of its rows. */
export const isRemark = (text: string): boolean => /^[\s"]*(#|-{4,}|={4,})/.test(text);

/** The first and the last day that a file says it is about, of lines such as "#起始日期：[2026年08月02日 00:00:00]   终止日期：[…]". */
export const periodOf = (remarks: readonly string[]): string => {
  const days = [...remarks.join(' ').matchAll(/(\d{4})[-年](\d{2})[-月](\d{2})/g)].map(([, year, month, day]) => `${year}-${month}-${day}`);
  const [from, to] = [days[0] ?? '', days[1] ?? days[0] ?? ''];
  return from === to ? from : `${from}~${to}`;
};
