/** A module worker of this origin that imports a program of another; `base` as of `new URL`. */
export function importingWorker(program: string | URL, base?: string): Worker {
  const { href } = new URL(program, base);
  const blob = new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(blob);
  try {
    return new Worker(url, { type: 'module' });
  } finally {
    URL.revokeObjectURL(url);
  }
}
