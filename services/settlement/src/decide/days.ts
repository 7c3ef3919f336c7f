import { dayOf as dayIn } from '@flotilla/values';

/** Whose midnight ends a day of the books: of a rate, and of the orders that one payment is for. */
export const booksZone = 'Asia/Shanghai';

/** The day of the books that an instant falls on. */
export const dayOf = (instant: string): string => dayIn(instant, booksZone);
