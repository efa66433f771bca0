// Not a peer, but for the tests of the benchmark: `wrong.ts LOSS` always has the same loss, `wrong.ts crash` refuses to
// run, `wrong.ts exit` ends.
import { answering } from './job.ts';
import { serve } from './serve.ts';

const [loss] = process.argv.slice(2);

serve(
  answering({
    load: () => ({
      step() {
        if (loss === 'crash') throw new Error('ran out of luck');
        if (loss === 'exit') process.exit(3);
      },
      values: () => [Number(loss)],
    }),
  }),
);
