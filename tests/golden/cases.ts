import { readFileSync } from 'node:fs';
import { failure, type Case } from './case.ts';
import { networkCases, orderCases } from './network.ts';
import { operationCases } from './operations.ts';
import { record } from './tensor.ts';
import { trainingCases } from './training.ts';

type MakeCases = (fields: Record<string, unknown>) => Case[];

/** Formats, and kinds of `cnn-golden`, by the words of the files. */
const formats: Record<string, Record<string, MakeCases>> = {
  'cnn-golden': { network: networkCases, orders: orderCases, ops: operationCases },
  'cnn-training': { training: trainingCases },
};

/** The cases of a file, chosen by what it says. What is wrong with the file as a whole is a case that fails. */
export function casesOf(path: string): Case[] {
  try {
    const fields = record('the file', JSON.parse(readFileSync(path, 'utf8')));
    const cases = casesMaker(fields)(fields);
    return cases.length > 0 ? cases : [failure('file', 'holds no cases')];
  } catch (error) {
    return [failure('file', error instanceof Error ? error.message : String(error))];
  }
}

function casesMaker({ format, version, kind }: Record<string, unknown>): MakeCases {
  const kinds = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format]! : undefined;
  if (kinds === undefined)
    throw new Error(`unknown format ${JSON.stringify(format)}; known: ${Object.keys(formats).join(', ')}`);
  if (version !== 1) throw new Error(`unknown version ${JSON.stringify(version)} of ${String(format)}; known: 1`);
  const word = format === 'cnn-training' ? 'training' : kind;
  const make = typeof word === 'string' && Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  if (make === undefined)
    throw new Error(`unknown kind ${JSON.stringify(kind)}; known: ${Object.keys(kinds).join(', ')}`);
  return make;
}
