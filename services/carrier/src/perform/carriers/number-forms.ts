import { postalCheck } from '../../decide/number-range.js';

/** A form of a carrier's numbers: an expression, or a check of its own. */
export type Form = Pick<RegExp, 'test'>;

const digits = (text: string): readonly number[] => Array.from(text, Number);
const sum = (values: readonly number[], weights: readonly number[]): number => values.reduce((total, value, index) => total + value * weights[index % weights.length]!, 0);
export const checked = (form: RegExp, holds: (serial: string, check: string) => boolean): Form => ({
  test: (number) => {
    const [, serial, check] = form.exec(number) ?? [];
    return serial !== undefined && check !== undefined && holds(serial, check);
  },
});
export const tens = (weights: readonly number[]) => (serial: string, check: string): boolean => (10 - (sum(digits(serial), weights) % 10)) % 10 === Number(check);
export const elevens = (weights: readonly number[]) => (serial: string, check: string): boolean => (sum(digits(serial), weights) % 11) % 10 === Number(check);
// Letters count from A = 2 on, which is what their code minus 3 ends in.
export const ups = (serial: string, check: string): boolean => (10 - (sum(Array.from(serial, (sign) => (/\d/.test(sign) ? Number(sign) : (sign.charCodeAt(0) - 3) % 10)), [1, 2]) % 10)) % 10 === Number(check);
const postal = (serial: string, check: string): boolean => postalCheck(serial) === check;
export const upu: Form = checked(/^[A-Z]{2}(\d{8})(\d)[A-Z]{2}$/, postal);
export const mod7: Form = checked(/^(\d{9,10})(\d)$/, (serial, check) => Number(BigInt(serial) % 7n) === Number(check));
