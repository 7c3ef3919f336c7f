import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';

/** Debian's, or the one that is named. */
export const chromiumPath = process.env['FLOTILLA_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Debian's Chromium, without a screen. Whoever has none is told so: what needs a browser is not skipped. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  try {
    // As root there is no sandbox, and /dev/shm is small in containers; both are about this machine, not about the page.
    return await chromium.launch({ executablePath: chromiumPath, headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'] });
  } catch (error) {
    throw new Error(`There is no Chromium at ${chromiumPath}: "apt-get install chromium", or name another one with FLOTILLA_TEST_CHROMIUM`, { cause: error });
  }
}

/** A context of somebody who has signed in at the console at `url`, as its own page does. */
export async function signedIn(browser: Browser, url: string, who: { readonly user: string; readonly password: string }, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url, locale: 'en-GB', ...options });
  const answer = await context.request.post('/api/session', { data: who, headers: { origin: url, 'x-flotilla-console': '1' } });
  if (answer.status() !== 204) throw new Error(`${who.user} cannot sign in: ${answer.status()} ${await answer.text()}`);
  return context;
}
