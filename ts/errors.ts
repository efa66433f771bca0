/**
 * The library's errors. Messages read `<where>: <what is wrong>, with the values`; `name` is set on each class, so
 * that they can be told apart across realms and workers.
 */

/** Shapes do not fit: a layer's input, a batch, a weight. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

/** An option is unknown, of the wrong kind, or out of range. */
export class OptionError extends Error {
  override name = 'OptionError';
}

/** Data is wrong: a file is truncated, a label out of range, a loss no longer a number. */
export class DataError extends Error {
  override name = 'DataError';
}

/** Something is not in the state for this: not loaded, training already, disposed, trapped. */
export class StateError extends Error {
  override name = 'StateError';
}
