import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where MNIST's files are, given their folder or one that holds it as `mnist`. */
export function mnistFolder(folder: string): string {
  const inside = join(folder, 'mnist');
  return existsSync(inside) ? inside : folder;
}
