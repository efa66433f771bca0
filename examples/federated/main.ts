// `npm run example:federated`: workers learn handwritten digits together, without showing each other their own. In each
// round every one trains on its part, then their weights are averaged; beside it one worker trains on all digits.
import type { LabelledImages } from 'fourlane/data';
import { runExample } from '../digits/commandLine.ts';
import { loadDigits } from '../digits/loadDigits.ts';
import { Federation } from './clients.ts';
import { readOptions, usage, type Options } from './options.ts';
import { deal } from './parts.ts';
import { SIDE } from './recipe.ts';

/** Fractions of the held-out digits that are read right. */
interface Accuracies {
  federated: number;
  central: number;
}

/** Returns the accuracies after the last round. */
async function train(options: Options): Promise<Accuracies> {
  const { rounds, localEpochs, batchSize, learningRate } = options;
  const digits = await loadDigits(options.data, options.seed, SIDE);
  const parts = deal(digits.train, options);
  const sizes = parts.map(({ labels }) => labels.data.length);
  const heldOut = digits.test.labels.data.length;
  console.log(`${digits.train.labels.data.length} digits to train on and ${heldOut} held out, from ${digits.source}`);
  console.log(
    `${parts.length} clients with ${Math.min(...sizes)} to ${Math.max(...sizes)} of them, ` +
      `chosen ${options.byLabel ? 'by label' : 'at random'}`,
  );
  console.log(
    `${rounds} rounds, local epochs ${localEpochs}, batches of ${batchSize}, learning rate ${learningRate}, ` +
      `seed ${options.seed}`,
  );
  return compare(parts, digits, options);
}

async function compare(
  parts: readonly LabelledImages[],
  { train, test }: { train: LabelledImages; test: LabelledImages },
  { rounds, localEpochs, batchSize, learningRate, seed }: Options,
): Promise<Accuracies> {
  const start = (of: readonly LabelledImages[]) => Federation.start(of, seed, learningRate);
  const federations = await Promise.all([start(parts), start([train])]);
  try {
    let accuracies: Accuracies;
    for (let round = 1; round <= rounds; round++) {
      // Another order of the digits in each round.
      const training = { epochs: localEpochs, batchSize, seed: seed + round };
      const [federated, central] = await Promise.all(
        federations.map(async (federation) => {
          await federation.round(training);
          return federation.accuracy(test);
        }),
      );
      accuracies = { federated: federated!, central: central! };
      console.log(`round ${round}/${rounds}: ${report(accuracies)}`);
    }
    return accuracies!;
  } finally {
    for (const federation of federations) federation.dispose();
  }
}

function report({ federated, central }: Accuracies): string {
  return `federated ${(100 * federated).toFixed(2)} %, central ${(100 * central).toFixed(2)} %`;
}

await runExample(usage, async () => {
  const options = readOptions(process.argv.slice(2), process.env);
  const { federated, central } = await train(options);
  const { targetGap = Infinity } = options;
  if (!(central - federated <= targetGap)) {
    throw new Error(`federated ${federated} is more than --target-gap ${targetGap} below central ${central}`);
  }
});
