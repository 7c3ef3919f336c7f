/** Taobao's trades stand in Alipay's books as "T200P" and the trade's number. */
export const tradeNumber = (text: string): string => /^T\d{2,3}P(\d{6,})$/.exec(text)?.[1] ?? text;

/** Lines of a file that are none of its rows, and what they say. */
export interface Remarks {
  /** Whether a line is one; then it is kept. */
  take(text: string): boolean;
  find(pattern: RegExp): RegExpExecArray | undefined;
  /** The first and the last day that the file says it is about, of lines such as "#起始日期：[2026年08月02日 00:00:00]   终止日期：[…]". */
  period(): string;
}

const most = 200;

export const remarksFrom = (preamble: readonly string[]): Remarks => {
  const remarks = [...preamble];
  return {
    take: (text) => {
      if (!/^[\s"]*(#|-{4,}|={4,})/.test(text)) return false;
      if (remarks.length < most) remarks.push(text);
      return true;
    },
    find: (pattern) => remarks.map((remark) => pattern.exec(remark)).find((one) => one !== null) ?? undefined,
    period: () => {
      const days = [...remarks.join(' ').matchAll(/(\d{4})[-年](\d{2})[-月](\d{2})/g)].map(([, year, month, day]) => `${year}-${month}-${day}`);
      const [from, to] = [days[0] ?? '', days[1] ?? days[0] ?? ''];
      return from === to ? from : `${from}~${to}`;
    },
  };
};
