import type { LabelledImages } from 'fourlane/data';

/** Pictures of half the height and width: the mean of each block of 2 x 2 pixels. Sides must be even. */
export function halve({ images, labels }: LabelledImages): LabelledImages {
  const { data, shape } = images;
  const [count, height, width] = shape as [number, number, number, number];
  const small = new Uint8Array(data.length / 4);
  let to = 0;
  for (let row = 0; row < count * height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      const at = row * width + column;
      small[to++] = Math.round((data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4);
    }
  }
  return { images: { ...images, data: small, shape: [count, height / 2, width / 2, 1] }, labels };
}
