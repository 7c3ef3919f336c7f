import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { signedIn } from '@flotilla/tasks';
import { eventually } from '@flotilla/testing';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** How long a page may take for anything: a busy machine is no fault of it, and what must be fast is measured. */
export const patientMs = 60_000;

export const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

/** A page of a signed-in person, on the console at `url`. What the page logs as errors stands in `errors`. */
export const openConsole = async (browser: Browser, url: string, who: { readonly user: string; readonly password: string }, options: BrowserContextOptions = {}): Promise<{ readonly page: Page; readonly errors: readonly string[]; readonly close: () => Promise<void> }> => {
  const context = await signedIn(browser, url, who, { viewport: sizes.desk, reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(patientMs);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return { page, errors, close: () => context.close() };
};

/** What a test has changed of the page is no matter of the next one, also where it failed in the middle. */
export const asBefore = async (page: Page | undefined): Promise<void> => {
  if (!page?.url().startsWith('http')) return;
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(sizes.desk);
  await page.evaluate(() => localStorage.setItem('flotilla.locale', 'en'));
};

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds against WCAG 2.2 AA, one line per rule with the first elements at fault. */
export const accessibilityFaults = async (page: Page): Promise<readonly string[]> => {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(async () => {
    interface Found {
      readonly violations: readonly { readonly id: string; readonly help: string; readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[] }[];
    }
    return (globalThis as unknown as { axe: { run(options: object): Promise<Found> } }).axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
  });
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(' ')} – ${failureSummary?.split('\n')[1]?.trim() ?? ''}`).join('; ')}`);
};

/** Where pictures of the pages go, for whoever wants to look at them. */
const shots = process.env['FLOTILLA_SHOTS'];

const atRest = '[document.documentElement.dataset.mantineColorScheme, document.getAnimations().filter(({ playState, effect }) => playState === "running" && effect.getComputedTiming().iterations !== Infinity).length]';

/** How a spec goes about the console with the page that is its own by then. */
export const visiting = (page: () => Page): { readonly go: (path: string) => Promise<void>; readonly shot: (name: string) => Promise<void>; readonly seenByAll: (name: string) => Promise<void> } => {
  const shot = async (name: string): Promise<void> => void (shots && (await page().screenshot({ path: join(shots, `${name}.png`) })));
  return {
    shot,
    go: async (path) => {
      await page().goto(path);
      await page().locator('.f-page').first().waitFor();
    },
    /** What axe finds, at both widths and in both colour schemes; said so that one sees where. */
    seenByAll: async (name) => {
      for (const [size, viewport] of Object.entries(sizes)) {
        await page().setViewportSize(viewport);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page().emulateMedia({ colorScheme });
          // What moves when the width or the colours change has come to rest.
          await eventually(async () => expect(await page().evaluate<unknown>(atRest)).toEqual([colorScheme, 0]));
          await shot(`${name}-${size}-${colorScheme}`);
          expect({ name, size, colorScheme, found: await accessibilityFaults(page()) }).toEqual({ name, size, colorScheme, found: [] });
        }
        // A phone does not scroll sideways.
        expect({ name, size, sideways: await page().evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth') }).toEqual({ name, size, sideways: 0 });
      }
      await page().emulateMedia({ colorScheme: 'light' });
      await page().setViewportSize(sizes.desk);
    },
  };
};
