import { OptionError, ShapeError } from '../errors.ts';
import { checkNDArray, type NDArray } from '../ndarray.ts';
import type { Pair } from '../ops/geometry.ts';
import { pair } from '../options.ts';
import { printShape } from '../shape.ts';

/**
 * The middle of each picture: `[N, height, width, C]` from `[N, H, W, C]`; of an odd margin the smaller part is at top
 * and left. Type and `scale` stay. Throws an OptionError when the pictures are smaller than `size`.
 */
export function centerCrop<T extends NDArray['data']>(images: NDArray<T>, size: number | Pair): NDArray<T> {
  checkNDArray('centerCrop', images);
  if (images.shape.length !== 4) {
    throw new ShapeError(`centerCrop: expected [N, height, width, channels], got ${printShape(images.shape)}`);
  }
  const [height, width] = pair('centerCrop', 'size', size);
  const [count, inHeight, inWidth, channels] = images.shape as [number, number, number, number];
  if (height > inHeight || width > inWidth) {
    throw new OptionError(
      `centerCrop: size ${printShape([height, width])} is larger than ${printShape([inHeight, inWidth])}`,
    );
  }
  const top = Math.floor((inHeight - height) / 2);
  const left = Math.floor((inWidth - width) / 2);
  const row = width * channels;
  const data = new (images.data.constructor as new (length: number) => T)(count * height * row);
  for (let image = 0; image < count; image++) {
    for (let y = 0; y < height; y++) {
      const from = ((image * inHeight + top + y) * inWidth + left) * channels;
      data.set(images.data.subarray(from, from + row), (image * height + y) * row);
    }
  }
  return { ...images, data, shape: [count, height, width, channels] };
}
