// `npm run example:five-layer`: the paper's five-layer network learns handwritten digits of 13 x 13 pixels, with one
// kernel plane for all maps as the paper writes it and with one for each, several times each.
import { init } from 'fourlane';
import { oneHot } from 'fourlane/data';
import { runExample } from '../digits/commandLine.ts';
import { halve } from '../digits/halve.ts';
import { loadDigits } from '../digits/loadDigits.ts';
import { readOptions, usage, type Options } from './options.ts';
import { channelModes, defaultLearningRate, fallingRates, INPUT_SCALE, makeModel, type ChannelMode } from './recipe.ts';

/** Rows and columns of a digit before it is halved to the network's 13. */
const SIDE = 26;

/** What came of one network. */
interface Result {
  parameters: number;
  /** Of the held-out digits, for each seed. */
  accuracies: number[];
  /** Of the fastest epoch. */
  samplesPerSecond: number;
}

async function trainAll({ data, epochs, batchSize, seeds, ...given }: Options): Promise<Map<ChannelMode, Result>> {
  const digits = await loadDigits(data, 1, SIDE);
  const [train, test] = [halve(digits.train), halve(digits.test)];
  const [samples, heldOut] = [train.labels.data.length, test.labels.data.length];
  console.log(`${samples} digits of 13 x 13 to train on and ${heldOut} held out, from ${digits.source}`);
  console.log(`${epochs} epochs in batches of ${batchSize}, learning rates that fall to 0, ${seeds} times each`);

  await init();
  const inputs = (part: typeof train) => ({ ...part.images, scale: INPUT_SCALE });
  const targets = (part: typeof train) => oneHot(part.labels, 10);
  const results = new Map<ChannelMode, Result>();
  for (let seed = 1; seed <= seeds; seed++) {
    for (const channelMode of channelModes) {
      const learningRate = given.learningRate ?? defaultLearningRate(channelMode, batchSize);
      const model = makeModel(channelMode, seed, learningRate);
      const { history, samplesPerSecond } = await model.fit(inputs(train), targets(train), {
        epochs,
        batchSize,
        validationData: [inputs(test), targets(test)],
        callbacks: fallingRates(model, learningRate, epochs),
        verbose: process.stdout.isTTY ? 1 : 0,
      });
      const parameters = model.getWeights().reduce((sum, { data }) => sum + data.length, 0);
      model.dispose();
      const result = results.get(channelMode) ?? { parameters, accuracies: [], samplesPerSecond: 0 };
      result.accuracies.push(history.val_accuracy!.at(-1)!);
      result.samplesPerSecond = Math.max(result.samplesPerSecond, ...samplesPerSecond);
      results.set(channelMode, result);
      console.log(`seed ${seed}, ${channelMode}: accuracy ${percent(result.accuracies.at(-1)!)}`);
    }
  }
  return results;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function report(results: ReadonlyMap<ChannelMode, Result>): void {
  for (const [channelMode, { parameters, accuracies, samplesPerSecond }] of results) {
    const range = `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;
    console.log(
      `${channelMode}: ${parameters} parameters, held-out accuracy ${percent(meanOf(accuracies))} (${range}), ` +
        `${Math.round(samplesPerSecond)} samples/s`,
    );
  }
}

await runExample(usage, async () => {
  const options = readOptions(process.argv.slice(2), process.env);
  const results = await trainAll(options);
  report(results);
  const { targetAccuracy = 0 } = options;
  for (const [channelMode, { accuracies }] of results) {
    const accuracy = meanOf(accuracies);
    if (accuracy < targetAccuracy) {
      throw new Error(`${channelMode}: accuracy ${accuracy} is below --target-accuracy ${targetAccuracy}`);
    }
  }
});
