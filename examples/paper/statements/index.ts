import { inputConvexity } from './inputConvexity.ts';
import { outputConvexity } from './outputConvexity.ts';
import { parameterConvexity } from './parameterConvexity.ts';
import { parametersOnly } from './parametersOnly.ts';
import { reluOutput } from './reluOutput.ts';
import type { Judgement, Statement } from './statement.ts';
import { stepLimit } from './stepLimit.ts';
import { strideSize } from './strideSize.ts';

/** In the order of the report. */
export const statements = {
  outputConvexity,
  reluOutput,
  stepLimit,
  inputConvexity,
  parameterConvexity,
  parametersOnly,
  strideSize,
};

export type StatementName = keyof typeof statements;
type NumbersOf<S> = S extends Statement<infer Numbers> ? Numbers : never;
/** What each of them measured. */
export type StatementNumbers = { [Name in StatementName]: NumbersOf<(typeof statements)[Name]> };

/** Measures all of them. */
export function measureStatements(onDone: (title: string) => void): StatementNumbers {
  const entries = Object.entries(statements).map(([name, statement]) => {
    const numbers = statement.measure();
    onDone(statement.title);
    return [name, numbers];
  });
  return Object.fromEntries(entries) as StatementNumbers;
}

/** What follows from the numbers of one of them. */
export function judge(name: StatementName, numbers: StatementNumbers): Judgement {
  const statement = statements[name] as Statement<unknown>;
  return statement.judge(numbers[name]);
}
