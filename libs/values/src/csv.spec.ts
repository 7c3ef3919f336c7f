import { expect, it } from '@jest/globals';
import { csvCell, csvRow } from './csv.js';

it('ALC-08, SET-08: no cell of a CSV file is a formula for who opens it', () => {
  for (const bad of ['=HYPERLINK("http://x";"y")', '+1+cmd|calc', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '-', '+86 138-0013-8000']) expect(csvCell(bad).replace(/^"/, '')).toMatch(/^'/);
  expect(csvCell('=1,"2"')).toBe('"\'=1,""2"""');
});

it('ALC-08, SET-08: numbers, phones and all other words stay as they are, in quotes where they must', () => {
  for (const good of ['', '王小明', '12.50', '-12.50', '-3', '+8613800138000', 'a=b', "'"]) expect(csvCell(good)).toBe(good);
  expect(csvRow(['a,b', 'say "no"', 'two\nlines', 'c'])).toBe('"a,b","say ""no""","two\nlines",c');
});
