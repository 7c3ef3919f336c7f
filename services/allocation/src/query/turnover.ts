/** A year's days. */
const YEAR = 365;
/** What fewer days say is no year. */
const LEAST_DAYS = 7;

/** What was counted of a shelf, or of a whole warehouse. */
export interface Counted {
  /** Days that were counted: those asked for, or those since the first movement. */
  readonly days: number;
  readonly shipped: number;
  readonly received: number;
  readonly onHand: number;
  /** Σ net of a day × days before it: what was not on hand yet, in units × days. */
  readonly absent: number;
}

export interface Ratios {
  readonly meanOnHand: number;
  readonly sellThrough: number;
  readonly daysOfCover: number;
  readonly turnover: number;
}

/** Where there is no ground. */
const UNKNOWN = -1;

/**
 * Sell-through: shipped / (shipped + on hand). Days of cover: on hand / shipped per day. Turnover of a year: shipped per day × 365 /
 * mean on hand, where the mean is of the levels at the end of each day: what is on hand now was not there before the day that brought it.
 */
export const ratiosOf = ({ days, shipped, onHand, absent }: Counted): Ratios => {
  const meanOnHand = days === 0 ? onHand : Math.max(0, onHand - absent / days);
  return {
    meanOnHand,
    sellThrough: shipped + onHand === 0 ? UNKNOWN : shipped / (shipped + onHand),
    daysOfCover: shipped === 0 ? UNKNOWN : (onHand * days) / shipped,
    turnover: days < LEAST_DAYS || meanOnHand === 0 ? UNKNOWN : ((shipped / days) * YEAR) / meanOnHand,
  };
};
