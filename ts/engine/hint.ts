const given = new Set<string>();

/** Says something useful about the environment on the console, once. */
export function hint(text: string): void {
  if (given.has(text)) return;
  given.add(text);
  // eslint-disable-next-line no-console -- nothing is wrong, so nothing is thrown, and there is nowhere else to say it
  console.info(`fourlane: ${text}`);
}
