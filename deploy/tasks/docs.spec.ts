import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const documents = globSync(['*.md', 'docs/*.md', '{libs,services,deploy}/**/*.md'], { cwd: root }).filter((file) => !/node_modules|dist\//.test(file));
const scripts = new Set(Object.keys((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }).scripts));

/** Paths as a reader would open them: `libs/values`, `src/decide/rules.ts`; patterns with braces or stars are not. */
const paths = (text: string): string[] => [...text.matchAll(/`((?:services|libs|deploy|proto|docs|src)\/[A-Za-z0-9_./-]+)`/g)].map((match) => match[1]!.replace(/\/$/, ''));
const commands = (text: string): string[] => [...text.matchAll(/`npm (?:run )?([a-z:]+)/g)].map((match) => match[1]!).filter((name) => name !== 'ci' && name !== 'install');

describe('the documents', () => {
  it('are there', () => {
    for (const folder of [...globSync('services/*', { cwd: root }), ...globSync('libs/*', { cwd: root })]) expect([folder, existsSync(join(root, folder, 'README.md'))]).toEqual([folder, true]);
    expect(documents.length).toBeGreaterThan(20);
  });

  it.each(documents)('%s names only paths and commands that exist', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(paths(text).filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, dirname(file), path)))).toEqual([]);
    expect(commands(text).filter((name) => !scripts.has(name))).toEqual([]);
  });
});
