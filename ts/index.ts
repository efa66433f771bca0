// The names of the main entry. Each environment's entry adds its own `init` and `createEngine`.
export { sequential } from './model/sequential.ts';
export type { Sequential } from './model/sequential.ts';
export type {
  BatchOptions,
  CompileModelOptions,
  PredictOptions,
  SequentialOptions,
  StepOptions,
} from './model/modelOptions.ts';
export { modelFromJSON } from './model/fromJSON.ts';
export { loadModel } from './io/loadModel.ts';
export type { LoadSource, SaveTarget } from './io/storage.ts';
export type { ModelJSON } from './model/serialize.ts';
export { initializers, type Initializer, type InitializerOption } from './model/initializers.ts';
export type { LayerInfo } from './model/architecture.ts';
export type { Layer, LayerOptions, WeightSpec } from './model/layer.ts';
export type { ModelViews, ViewRange } from './model/views.ts';
export { layers } from './layers/index.ts';
export type { ActivationName } from './layers/activate.ts';
export type { ActivationOptions } from './layers/activation.ts';
export type { Conv2dOptions } from './layers/conv2d.ts';
export type { DenseOptions } from './layers/dense.ts';
export type { FlattenOptions } from './layers/flatten.ts';
export type { InputOptions } from './layers/input.ts';
export type { MaxPooling2dOptions } from './layers/maxPooling2d.ts';
export { losses, type LossName } from './losses/index.ts';
export type { Loss } from './losses/loss.ts';
export type { CrossentropyOptions } from './losses/categoricalCrossentropy.ts';
export type { HalfSquaredErrorOptions } from './losses/halfSquaredError.ts';
export { adam, adamw, type AdamOptions } from './optimizers/adam.ts';
export type { OptimizerName } from './optimizers/index.ts';
export type { LayerRates, Optimizer } from './optimizers/optimizer.ts';
export type { UpdateOrder } from './plan/updateOrder.ts';
export { sgd, type SgdOptions } from './optimizers/sgd.ts';
export { learningRateScheduler, type Callback, type TrainingModel, type TrainingParams } from './train/callbacks.ts';
export { earlyStopping, type EarlyStoppingOptions } from './train/earlyStopping.ts';
export type { CheckpointOptions, FitOptions } from './train/fitOptions.ts';
export type { History, HistoryEngine } from './train/history.ts';
export type { Logs, MetricName } from './train/step.ts';
export type { Inspection, LayerInspection } from './inspect/inspect.ts';
export {
  checkGradients,
  type GradientCheck,
  type GradientCheckOptions,
  type GradientEntry,
} from './inspect/checkGradients.ts';

export type { PaperValues } from './presets/paperValues.ts';
export { fromArrays, type Dataset, type InputData, type TargetData } from './data/dataset.ts';
export type { NDArray, NestedArray } from './ndarray.ts';
export type { Shape } from './shape.ts';
export type { Winograd } from './ops/winograd.ts';
export { DataError, OptionError, ShapeError, StateError } from './errors.ts';
export type { Engine, EngineMemory } from './engine/engine.ts';
export type { BuildName } from './engine/builds.ts';
export type { EngineOptions } from './engine/engineOptions.ts';
export type { WasmSource } from './engine/wasmSource.ts';
