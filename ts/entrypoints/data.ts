export { fromArrays, type Dataset } from '../data/dataset.ts';
