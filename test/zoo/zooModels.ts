/** @file Real architectures, narrow, as PyTorch exports them: see fixtures/README.md. */

/** All of them; swin.onnx takes as long as the others together. */
export const ZOO = [
  'convnext',
  'densenet_bn',
  'inception_bn',
  'mobilenet_v2',
  'mobilenet_v3_se',
  'recurrent',
  'regnet_grouped',
  'resnet',
  'resnet_bn',
  'shufflenet_v2',
  'swin',
  'text_encoder',
  'unet',
  'vgg',
  'vit',
  'yolo_like',
] as const;
export type ZooModel = (typeof ZOO)[number];

export const ZOO_FOLDER = 'fixtures/models';

export function zooPath(name: ZooModel): string {
  return `${ZOO_FOLDER}/${name}.onnx`;
}
