// `npm run test:kill [-- KILLS [SEED]]`: as kill.test.ts, 200 times.
import { killAndResume } from './killing.ts';

const [kills = '200', seed = '1'] = process.argv.slice(2);
const { resumed, finished } = await killAndResume(Number(kills), Number(seed));
console.log(`${kills} kills, ${resumed} with a checkpoint to go on from; ${finished} trainings ended in the same bits`);
