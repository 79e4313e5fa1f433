import { mobileNetV2 } from './mobileNetV2.mjs';
import { resNet18, resNet20 } from './resNets.mjs';
import { lstmClassifier, visionTransformer } from './sequenceModels.mjs';

/**
 * The models of the benchmark. `macs` (at batch 1) and `params` are the known figures of each: the benchmark refuses a
 * model that has others.
 */
export const BENCH_MODELS = {
  resnet20: { build: resNet20, batch: 64, sample: [3, 32, 32], classes: 10, macs: 40_813_184, params: 272_474 },
  mobilenet_v2: {
    ...{ build: mobileNetV2, batch: 8, sample: [3, 224, 224], classes: 1000 },
    ...{ macs: 300_774_272, params: 3_504_872 },
  },
  resnet18: {
    ...{ build: resNet18, batch: 8, sample: [3, 224, 224], classes: 1000 },
    ...{ macs: 1_814_073_344, params: 11_689_512 },
  },
  vit: {
    ...{ build: visionTransformer, batch: 64, sample: [3, 32, 32], classes: 10 },
    ...{ macs: 182_849_664, params: 2_693_578 },
  },
  lstm: { build: lstmClassifier, batch: 64, sample: [32, 40], classes: 12, macs: 2_754_048, params: 88_588 },
};
