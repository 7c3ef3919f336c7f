/** What a table has under a stranger's word; `undefined` for words that every object answers to ("constructor", "__proto__"). */
export const own = <T>(table: Readonly<Record<string, T>>, word: string): T | undefined => (Object.hasOwn(table, word) ? table[word] : undefined);
