import { rolldown, type InputOptions, type OutputOptions } from 'rolldown';

/** A program with all that it imports as one module's text. */
export async function bundle(input: InputOptions, output: OutputOptions = {}): Promise<string> {
  const made = await rolldown(input);
  try {
    const { output: files } = await made.generate({ format: 'es', ...output });
    return files[0].code;
  } finally {
    await made.close();
  }
}
