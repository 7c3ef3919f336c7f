import type { Browser } from 'playwright-core';

/** Debian's Chromium, without a screen. Whoever has none is told so: what needs a browser is not skipped. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env['FLOTILLA_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
  const { chromium } = await import('playwright-core');
  try {
    // As root there is no sandbox, and /dev/shm is small in containers; both are about this machine, not about the page.
    return await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'] });
  } catch (error) {
    throw new Error(`There is no Chromium at ${executablePath}: "apt-get install chromium", or name another one with FLOTILLA_TEST_CHROMIUM`, { cause: error });
  }
}
