// `npm run train`: the paper's three-layer network learns handwritten digits.
import { init } from 'fourlane';
import { oneHot } from 'fourlane/data';
import { runExample } from '../digits/commandLine.ts';
import { loadDigits } from '../digits/loadDigits.ts';
import { readOptions, usage, type Options } from './options.ts';
import { defaultLearningRate, fallingRates, INPUT_SCALE, makeModel } from './recipe.ts';

/** Height and width of the network's input. */
const SIDE = 24;

/** Returns the accuracy on the held-out digits. */
async function train({ data, epochs, batchSize, seed, ...given }: Options): Promise<number> {
  const learningRate = given.learningRate ?? defaultLearningRate(batchSize);
  const { source, train, test } = await loadDigits(data, seed, SIDE);
  const [samples, heldOut] = [train.labels.data.length, test.labels.data.length];
  console.log(`${samples} digits to train on and ${heldOut} held out, from ${source}`);
  console.log(
    `${epochs} epochs in batches of ${batchSize}, learning rate from ${learningRate} towards 0, seed ${seed}`,
  );

  await init();
  const model = makeModel(seed, learningRate);
  const inputs = (part: typeof train) => ({ ...part.images, scale: INPUT_SCALE });
  const targets = (part: typeof train) => oneHot(part.labels, 10);
  const started = performance.now();
  const { history } = await model.fit(inputs(train), targets(train), {
    epochs,
    batchSize,
    validationData: [inputs(test), targets(test)],
    callbacks: fallingRates(learningRate, epochs),
    verbose: 1,
  });
  const seconds = (performance.now() - started) / 1000;
  model.dispose();

  const [loss, accuracy] = [history.val_loss!.at(-1)!, history.val_accuracy!.at(-1)!];
  console.log(
    `held-out digits: accuracy ${(100 * accuracy).toFixed(2)} %, loss ${(loss / heldOut).toFixed(5)} per digit; ` +
      `${seconds.toFixed(1)} s in all, ${Math.round((epochs * samples) / seconds)} samples/s`,
  );
  return accuracy;
}

await runExample(usage, async () => {
  const options = readOptions(process.argv.slice(2), process.env);
  const accuracy = await train(options);
  if (options.targetAccuracy !== undefined && accuracy < options.targetAccuracy) {
    throw new Error(`accuracy ${accuracy} is below --target-accuracy ${options.targetAccuracy}`);
  }
});
