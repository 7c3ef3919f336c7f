/** Whose midnight ends a day of the books: of a rate, and of the orders that one payment is for. */
export const booksZone = 'Asia/Shanghai';

const days = new Intl.DateTimeFormat('sv-SE', { timeZone: booksZone, dateStyle: 'short' });

/** The day of the books that an instant falls on. */
export const dayOf = (instant: string): string => days.format(Date.parse(instant));
