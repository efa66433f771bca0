import fastify, { type FastifyInstance } from 'fastify';
import { largest, type Learner } from './learner.ts';
import { SIDE, type Correction } from './lesson.ts';

const pixels = {
  type: 'array',
  items: { type: 'integer', minimum: 0, maximum: 255 },
  minItems: SIDE ** 2,
  maxItems: SIDE ** 2,
};
const digit = { type: 'integer', minimum: 0, maximum: 9 };

/** A body with these properties and no others. */
const bodyOf = (properties: object) => ({
  body: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
});

/**
 * `POST /classify { pixels }` answers `{ digit, probabilities }`, `POST /correct { pixels, digit }` 202 and the status,
 * which `GET /status` answers too. What does not fit the schema gets 400 and a sentence that names the place.
 */
export function makeServer(learner: Learner): FastifyInstance {
  const server = fastify({
    bodyLimit: 1 << 16,
    // By default it would mend what it can: "7" for 7, or unknown properties by leaving them out.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  server.post<{ Body: Pick<Correction, 'pixels'> }>('/classify', { schema: bodyOf({ pixels }) }, async ({ body }) => {
    const probabilities = await learner.classify(body.pixels);
    return { digit: largest(probabilities), probabilities };
  });
  server.post<{ Body: Correction }>('/correct', { schema: bodyOf({ pixels, digit }) }, async ({ body }, reply) => {
    learner.correct(body);
    return reply.code(202).send(learner.status);
  });
  server.get('/status', () => learner.status);
  return server;
}
