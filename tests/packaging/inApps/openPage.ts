import { findChromium, launchChromium, newPage, noChromium, problemsOf } from '../../browser/chromium.ts';

/** Why pages cannot be opened; nothing where they can. */
export const noBrowser: string | undefined = findChromium() === undefined ? noChromium : undefined;

/** What a page of an app came to. */
export interface PageResult {
  /** What it reported. */
  report: unknown;
  /** Errors of the page, and of its console. */
  problems: string[];
  /** The `.wasm` files that were fetched, by whatever thread. */
  wasm: string[];
}

/** Opens a page in Chromium and waits for its report. */
export async function openPage(url: string): Promise<PageResult> {
  const browser = await launchChromium(findChromium()!);
  try {
    const page = await newPage(browser);
    // Bundlers' own pages may warn.
    const problems = problemsOf(page, ['error']);
    const wasm: string[] = [];
    page.context().on('requestfinished', (request) => {
      const file = new URL(request.url()).pathname.split('/').at(-1)!;
      if (file.endsWith('.wasm')) wasm.push(file);
    });
    await page.goto(url);
    await page
      .waitForFunction(() => 'report' in globalThis)
      .catch((cause: unknown) => {
        throw new Error(`${url}: no report; ${problems.join('\n') || 'nothing in the console'}`, { cause });
      });
    const report = await page.evaluate(() => (globalThis as unknown as { report: unknown }).report);
    return { report, problems, wasm };
  } finally {
    await browser.close();
  }
}
