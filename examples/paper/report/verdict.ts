import type { ComparisonResult, MethodResult } from '../experiment/summary.ts';

/** Ratios of work below this count as no difference. */
export const MARGIN = 1.1;
/** Accuracies that differ by less count as the same. */
const SAME_ACCURACY = 0.02;

/** A question with the answer that the numbers give. */
export interface Answer {
  question: string;
  /** `yes` and `no` where all problems agree. */
  short: 'yes' | 'no' | 'it depends';
  /** A line per problem. */
  lines: string[];
}

/** Work of a method to the loss that rates were chosen for, in joint steps of the paper's network. */
export function workOf({ targets, tunedFor }: ComparisonResult, { priced }: MethodResult): number {
  return priced[targets.indexOf(tunedFor)] ?? Infinity;
}

function find({ methods }: ComparisonResult, name: string): MethodResult | undefined {
  return methods.find(({ method }) => method === name);
}

/** How a method's work stands to that of joint steps. */
export function ratioInWords(work: number, joint: number): string {
  if (!Number.isFinite(work)) return Number.isFinite(joint) ? 'does not get there' : 'does not get there either';
  if (!Number.isFinite(joint)) return 'gets there, joint does not';
  const ratio = work / joint;
  if (ratio > MARGIN) return `needs ${ratio.toPrecision(2)} times the work`;
  return ratio < 1 / MARGIN ? `needs ${(1 / ratio).toPrecision(2)} times less work` : 'needs about as much work';
}

/** Whether it needs clearly more work than joint steps: 1, less: -1, neither: 0. */
function compared(work: number, joint: number): -1 | 0 | 1 {
  if (!Number.isFinite(work) && !Number.isFinite(joint)) return 0;
  if (work > joint * MARGIN) return 1;
  return work < joint / MARGIN ? -1 : 0;
}

/** What all problems say about a group of methods: whether each of them needs more work than joint steps. */
function askAbout(
  question: string,
  comparisons: readonly ComparisonResult[],
  names: (name: string) => boolean,
  isYes: (compared: -1 | 0 | 1) => boolean,
): Answer {
  const cases = comparisons.flatMap((comparison) => {
    const joint = workOf(comparison, find(comparison, 'joint')!);
    return comparison.methods
      .filter(({ method }) => names(method))
      .map((method) => {
        const work = workOf(comparison, method);
        return {
          yes: isYes(compared(work, joint)),
          problem: comparison.problem,
          words: `${method.method} ${ratioInWords(work, joint)}`,
        };
      });
  });
  const lines = comparisons
    .map(({ problem }) => ({
      problem,
      words: cases.filter((one) => one.problem === problem).map(({ words }) => words),
    }))
    .filter(({ words }) => words.length > 0)
    .map(({ problem, words }) => `${problem}: ${words.join('; ')}`);
  return { question, short: shortOf(cases.map(({ yes }) => yes)), lines };
}

function shortOf(answers: readonly boolean[]): Answer['short'] {
  if (answers.every((yes) => yes)) return 'yes';
  return answers.some((yes) => yes) ? 'it depends' : 'no';
}

/** Whether no method gets to the loss with clearly less work than joint steps. */
function isJointBest(comparisons: readonly ComparisonResult[]): Answer {
  const cases = comparisons.map((comparison) => {
    const joint = workOf(comparison, find(comparison, 'joint')!);
    const best = [...comparison.methods].sort((a, b) => workOf(comparison, a) - workOf(comparison, b))[0]!;
    const yes = compared(workOf(comparison, best), joint) >= 0;
    const text = yes
      ? `${comparison.problem}: nothing needs clearly less work`
      : `${comparison.problem}: ${best.method} ${ratioInWords(workOf(comparison, best), joint)}`;
    return { yes, text };
  });
  return {
    question: 'Is one update of every layer per pass the least work?',
    short: shortOf(cases.map(({ yes }) => yes)),
    lines: cases.map(({ text }) => text),
  };
}

/** Whether the method that gets down fastest reads as many other samples right as joint steps do. */
function isFastAsAccurate(comparisons: readonly ComparisonResult[]): Answer {
  const cases = comparisons.flatMap((comparison) => {
    const joint = find(comparison, 'joint')!;
    const rivals = comparison.methods.filter((method) => workOf(comparison, method) < workOf(comparison, joint));
    return rivals.map((rival) => ({
      yes: rival.accuracy > joint.accuracy - SAME_ACCURACY,
      problem: comparison.problem,
      joint: joint.accuracy,
      words: `${rival.method} ${(100 * rival.accuracy).toFixed(1)} %`,
    }));
  });
  const lines = [...new Set(cases.map(({ problem }) => problem))].map((problem) => {
    const own = cases.filter((one) => one.problem === problem);
    return `${problem}: joint ${(100 * own[0]!.joint).toFixed(1)} %, ${own.map(({ words }) => words).join(', ')}`;
  });
  return {
    question: 'Do the methods that need less work than joint steps read other samples as well?',
    short: shortOf(cases.map(({ yes }) => yes)),
    lines: lines.length === 0 ? ['There is no such method.'] : lines,
  };
}

/** All that the numbers say about the paper's section 4.1. */
export function verdict(comparisons: readonly ComparisonResult[]): Answer[] {
  return [
    isJointBest(comparisons),
    ...[
      ['output converged each pass', 'the best output weights in every pass before the other layers are touched'],
      ['output converged once, then joint', 'the best output weights once, before joint steps'],
      ['every layer converged in turn', 'the best weights of every layer in turn'],
    ].map(([method, what]) =>
      askAbout(
        `Is it wasteful to find ${what}?`,
        comparisons,
        (name) => name === method,
        (compared) => compared === 1,
      ),
    ),
    askAbout(
      'Do a few updates of the output layer per pass save work?',
      comparisons,
      (name) => name.startsWith('block'),
      (compared) => compared === -1,
    ),
    askAbout(
      'Does it pay to compute every gradient at the current weights (gaussSeidel)?',
      comparisons,
      (name) => name === 'gaussSeidel',
      (compared) => compared === -1,
    ),
    askAbout(
      'Do deltas that go down through updated weights (sequential) cost work?',
      comparisons,
      (name) => name === 'sequential',
      (compared) => compared === 1,
    ),
    isFastAsAccurate(comparisons),
  ];
}
