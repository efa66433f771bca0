import type { LabelledImages } from 'fourlane/data';
import { SIDE } from './digits.ts';

interface Tile {
  item: HTMLElement;
  picture: HTMLCanvasElement;
  guess: HTMLElement;
}

/** A list of digits with what the network reads in them. */
export class DigitGrid {
  readonly #labels: LabelledImages['labels']['data'];
  readonly #tiles: readonly Tile[];

  constructor(list: HTMLElement, { labels, images }: LabelledImages) {
    const pixels = SIDE * SIDE;
    this.#labels = labels.data;
    this.#tiles = Array.from(labels.data, (_, i) => makeTile(images.data.subarray(i * pixels, (i + 1) * pixels)));
    list.replaceChildren(...this.#tiles.map(({ item }) => item));
  }

  /** Shows the class read in each digit. */
  show(classes: Uint8Array): void {
    this.#tiles.forEach(({ item, picture, guess }, i) => {
      const [label, read] = [this.#labels[i], classes[i]];
      const wrong = read !== label;
      item.classList.toggle('wrong', wrong);
      guess.textContent = wrong ? `✗ ${read}` : `${read}`;
      picture.setAttribute('aria-label', `a handwritten ${label}, read as ${read}${wrong ? ': wrong' : ''}`);
    });
  }
}

function makeTile(pixels: Uint8Array): Tile {
  const item = document.createElement('li');
  const picture = document.createElement('canvas');
  const guess = document.createElement('span');
  picture.width = SIDE;
  picture.height = SIDE;
  picture.setAttribute('role', 'img');
  // The label of the picture says it too.
  guess.setAttribute('aria-hidden', 'true');
  // Ink is opacity of black; the style sheet inverts it for the dark theme.
  const image = new ImageData(SIDE, SIDE);
  pixels.forEach((ink, i) => (image.data[i * 4 + 3] = ink));
  picture.getContext('2d')!.putImageData(image, 0, 0);
  item.append(picture, guess);
  return { item, picture, guess };
}
