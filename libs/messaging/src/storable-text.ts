/** Text that Postgres and JSON can keep: no NUL, no half of a surrogate pair, bounded. */
export const storableText = (text: string, length = 2_000): string => text.slice(0, length).toWellFormed().replaceAll('\0', '\uFFFD');
