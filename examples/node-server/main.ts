// `npm run example:node-server`: classifies digits, and learns from corrections, over HTTP.
import { runExample } from '../digits/commandLine.ts';
import { loadDigits } from '../digits/loadDigits.ts';
import { Learner } from './learner.ts';
import { SIDE } from './lesson.ts';
import { readOptions, usage } from './options.ts';
import { makeServer } from './server.ts';

await runExample(usage, async () => {
  const { data, port, ...options } = readOptions(process.argv.slice(2), process.env);
  const digits = await loadDigits(data, options.seed, SIDE);
  const onFailure = (error: unknown): void => {
    console.error(error);
    process.exit(1);
  };
  const learner = await Learner.open({ ...options, digits, onFailure });
  const server = makeServer(learner);
  try {
    console.log(await server.listen({ port, host: '127.0.0.1' }));
  } catch (error) {
    // Without the first training, which would go on for nobody.
    await learner.close();
    throw error;
  }
  // Answers what it has accepted, then keeps what it has learned.
  const close = () =>
    void server
      .close()
      .then(() => learner.close())
      .catch(onFailure);
  process.once('SIGTERM', close).once('SIGINT', close);
});
