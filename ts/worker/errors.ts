import { DataError, OptionError, ShapeError, StateError } from '../errors.ts';

/** An error on its way between two threads, which clone of an error no class but the language's own. */
export interface ErrorMessage {
  name: string;
  message: string;
  stack: string | undefined;
}

const classes: Readonly<Record<string, new (message: string) => Error>> = {
  ...{ DataError, OptionError, ShapeError, StateError },
  ...{ RangeError, TypeError, SyntaxError, ReferenceError },
};

/** What a call came to. */
export type Answer<T> = { value: T } | { error: ErrorMessage };

/** Whatever was thrown. */
export function toMessage(error: unknown): ErrorMessage {
  if (error instanceof Error) return { name: error.name, message: error.message, stack: error.stack };
  return { name: 'Error', message: String(error), stack: undefined };
}

/** An error of the same class, with the stack of where it was thrown. */
export function fromMessage({ name, message, stack }: ErrorMessage): Error {
  const Class = Object.hasOwn(classes, name) ? classes[name]! : Error;
  const error = new Class(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
