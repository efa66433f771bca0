/** What follows from the numbers of a {@link Statement}. */
export interface Judgement {
  /** Whether what the paper states was seen. */
  holds: boolean;
  /** The numbers that decide, in words. */
  says: string;
}

/** Something that the paper states and that can be measured. */
export interface Statement<Numbers> {
  /** In a few words, for a heading. */
  title: string;
  /** What the paper states, in our words. */
  claim: string;
  /** The same numbers every time. */
  measure(): Numbers;
  judge(numbers: Numbers): Judgement;
}

/** `count` of `all` in words. */
export function outOf(count: number, all: number): string {
  if (count === 0) return `none of ${all}`;
  return count === all ? `all ${all}` : `${count} of ${all}`;
}
