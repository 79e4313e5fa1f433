import type { RooflineDevice } from './device.js';

const device = (name: string, peakGflops: number, bandwidthGBps: number, source: string): RooflineDevice => ({
  kind: 'roofline',
  name,
  peakGflops,
  bandwidthGBps,
  source,
});

const NVIDIA = 'https://images.nvidia.com/content';
const A72 = 'Arm Cortex-A72 Software Optimization Guide: one 128-bit multiply-add a cycle';
const A76 = 'Arm Cortex-A76 Software Optimization Guide: two 128-bit multiply-adds a cycle';

/**
 * Devices by their data sheets. The first six are MorphNet's, with its figures.
 *
 * Peaks of processors are cores · clock · operations per cycle; bandwidths that no sheet gives are bus width · rate.
 *
 * @see google-research/morph-net, network_regularizers/resource_function.py
 */
export const DEVICES: readonly RooflineDevice[] = [
  device(
    'k80',
    8740,
    480,
    'NVIDIA Tesla K80, both GPUs, boost clock: https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/tesla-product-literature/nvidia-tesla-k80-overview.pdf',
  ),
  device('p4', 5500, 192, `NVIDIA Tesla P4: ${NVIDIA}/pdf/tesla/184457-Tesla-P4-Datasheet-NV-Final-Letter-Web.pdf`),
  device(
    't4',
    8100,
    300,
    'NVIDIA T4: https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/t4-tensor-core-datasheet.pdf',
  ),
  device('p100', 9300, 732, `NVIDIA Tesla P100 PCIe, 16 GB: ${NVIDIA}/tesla/pdf/nvidia-tesla-p100-PCIe-datasheet.pdf`),
  device(
    'v100',
    125_000,
    900,
    `NVIDIA Tesla V100 SXM2, tensor cores (float16 products): ${NVIDIA}/technologies/volta/pdf/tesla-volta-v100-datasheet-letter-fnl-web.pdf`,
  ),
  device(
    'tpuv2',
    22_500,
    300,
    'one core of Google TPU v2, bfloat16 products: http://learningsys.org/nips17/assets/slides/dean-nips17.pdf',
  ),
  device(
    'raspberry-pi-4',
    48,
    12.8,
    `4 Cortex-A72 at 1.5 GHz · 8 (${A72}); 32 bit LPDDR4-3200: https://datasheets.raspberrypi.com/rpi4/raspberry-pi-4-product-brief.pdf`,
  ),
  device(
    'raspberry-pi-5',
    153.6,
    17.1,
    `4 Cortex-A76 at 2.4 GHz · 16 (${A76}); 32 bit LPDDR4X-4267: https://datasheets.raspberrypi.com/rpi5/raspberry-pi-5-product-brief.pdf`,
  ),
  device(
    'jetson-nano',
    236,
    25.6,
    'NVIDIA Jetson Nano System-on-Module Data Sheet DS-09366: 472 GFLOPS of float16, half as many of float32; 25.6 GB/s',
  ),
  device(
    'jetson-orin-nano',
    1280,
    68,
    'NVIDIA Jetson Orin Nano Series Data Sheet DS-11105, 8 GB: 1024 CUDA cores at 625 MHz · 2; 68 GB/s',
  ),
  device(
    'snapdragon-855',
    161.6,
    34.1,
    `Qualcomm Snapdragon 855 product brief: the big cores, Kryo 485 (Cortex-A76) at 2.84 GHz and three at 2.42 GHz · 16 (${A76}); 4 · 16 bit LPDDR4X at 2133 MHz`,
  ),
  device(
    'apple-m1-gpu',
    2600,
    68.3,
    'Apple, "Apple unleashes M1", 10 November 2020: 2.6 teraflops; 128 bit LPDDR4X-4266, and "Apple unveils M2", 6 June 2022: 100 GB/s is 50 % more',
  ),
  device(
    'xeon-platinum-8380',
    5888,
    204.8,
    'Intel ARK, Xeon Platinum 8380: 40 cores at 2.3 GHz with two AVX-512 FMA units (64 a cycle); 8 channels of DDR4-3200',
  ),
];
