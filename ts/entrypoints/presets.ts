export { seedThreeLayer, type SeedThreeLayerOptions } from '../presets/seedThreeLayer.ts';
