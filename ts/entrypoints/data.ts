export { fromArrays, type Dataset } from '../data/dataset.ts';
export { centerCrop } from '../data/centerCrop.ts';
export { readIdx, type NamedBytes } from '../data/idx.ts';
export { readMnist, type LabelledImages, type Mnist, type MnistFiles, type MnistOptions } from '../data/mnist.ts';
export { oneHot } from '../data/oneHot.ts';
export { shuffledIndices } from '../data/shuffle.ts';
