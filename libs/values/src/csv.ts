/** `+8613800138000` or `-12.50`: begins like a formula, and is what it says to every reader. */
const number = /^[+-]\d+(?:\.\d+)?$/;

/** A field of a CSV file that a machine reads, as it is: quoted where it must be. */
export const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * A cell of a CSV file. One that a spreadsheet would take for a formula gets an apostrophe before it: names, remarks and addresses are other people's
 * words, and whoever opens the file is not to run them. Numbers with a sign stay as they are.
 */
export const csvCell = (text: string): string => csvField(/^[=+\-@\t\r]/.test(text) && !number.test(text) ? `'${text}` : text);

/** A row of a CSV file, without the end of its line. */
export const csvRow = (cells: readonly string[]): string => cells.map(csvCell).join(',');
