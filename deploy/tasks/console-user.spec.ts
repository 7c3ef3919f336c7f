import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { passwordMatches } from '@flotilla/values';
import { root } from './paths.ts';

const make = (password: string, ...args: string[]): string =>
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'deploy', 'tasks', 'console-user.ts'), ...args], { input: `${password}\n`, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });

describe('a user of the console (OPS-07)', () => {
  it('is an entry with the hash of the password, and not the password', async () => {
    const text = make('correct horse battery', 'ann', '--roles', 'operator,warehouse', '--name', 'Ann 安', '--locale', 'zh-CN');
    const entry = JSON.parse(text) as { password: string };
    expect(entry).toMatchObject({ user: 'ann', name: 'Ann 安', roles: ['operator', 'warehouse'], locale: 'zh-CN' });
    expect(text).not.toContain('horse');
    expect(await passwordMatches('correct horse battery', entry.password)).toBe(true);
  });

  it('is none with a short password or a role that is not there', () => {
    expect(() => make('short', 'ann')).toThrow('Command failed');
    expect(() => make('correct horse battery', 'ann', '--roles', 'root')).toThrow('Command failed');
    expect(() => make('correct horse battery')).toThrow('Command failed');
  });
});
