/** A module worker of this origin that imports a program of another. */
export function importingWorker({ href }: URL): Worker {
  const blob = new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' });
  const url = URL.createObjectURL(blob);
  try {
    return new Worker(url, { type: 'module' });
  } finally {
    URL.revokeObjectURL(url);
  }
}
