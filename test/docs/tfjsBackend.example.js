import * as tf from '@tensorflow/tfjs-core';
import { compileStep } from 'onnx-morph/tfjs-backend';

await tf.setBackend('onnxruntime');

/** Images [n, 8, 8, 1] of stripes that lie (0) or stand (1). */
function batch(n) {
  const labels = Array.from({ length: n }, (_, i) => i % 2);
  const pixel = (i) => (labels[i >> 6] === 0 ? (i >> 3) % 2 : i % 2);
  const images = Float32Array.from({ length: n * 64 }, (_, i) => pixel(i) + 0.5 * Math.random());
  return [tf.tensor4d(images, [n, 8, 8, 1]), tf.oneHot(tf.tensor1d(labels, 'int32'), 2)];
}

const filter = tf.variable(tf.randomNormal([3, 3, 1, 4], 0, 0.3));
const dense = tf.variable(tf.randomNormal([64, 2], 0, 0.1));
const optimizer = tf.train.adam(0.01);

// Traced twice (the first step makes Adam's moments), then replayed: each call is one run of one ONNX graph.
const { run } = compileStep((x, labels) => {
  const loss = () => {
    const hidden = tf.maxPool(tf.relu(tf.conv2d(x, filter, 1, 'same')), 2, 2, 'valid');
    return tf.losses.softmaxCrossEntropy(labels, tf.matMul(tf.reshape(hidden, [-1, 64]), dense));
  };
  return [optimizer.minimize(loss, true)];
});

for (let step = 0; step <= 60; step++) {
  const [x, labels] = batch(32);
  const [loss] = run([x, labels]);
  if (step % 20 === 0) console.log(`step ${step}: loss ${(await loss.data())[0].toFixed(3)}`);
  tf.dispose([x, labels, loss]);
}
