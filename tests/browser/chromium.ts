import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const usualNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Why tests in a browser are skipped. */
export const noChromium = `no Chromium: $CHROMIUM is not set and PATH holds none of ${usualNames.join(', ')}`;

/** The path of a Chromium; none where the machine has none. Throws where $CHROMIUM names something else. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`$CHROMIUM is ${named}, which is no executable file`);
    return named;
  }
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin'];
  return usualNames.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A headless Chromium with an empty profile, that talks to nobody by itself. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      // Root, as in a container, may not use the sandbox.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page that waits long: other tests may keep the machine busy, and only a hang should end in a timeout. */
export async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(100_000);
  return page;
}

/** Fills with errors of the page, and with what its console is told of these kinds. */
export function problemsOf(page: Page, kinds: readonly string[] = ['error', 'warning']): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (kinds.includes(message.type())) problems.push(`${message.text()} ${message.location().url}`);
  });
  return problems;
}
