export { paperParameters, setPaperParameters, type PaperParameters } from '../presets/paperParameters.ts';
export { paperSgd, type PaperRates } from '../presets/paperSgd.ts';
export type { PaperNetworkOptions } from '../presets/paperLayers.ts';
export { seedFiveLayer, type SeedFiveLayerOptions } from '../presets/seedFiveLayer.ts';
export { seedThreeLayer, type SeedThreeLayerOptions } from '../presets/seedThreeLayer.ts';
