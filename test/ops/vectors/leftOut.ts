/** Vectors, by their names, whose operator has no form or no gradient in tf.js, and what the lowering says of it. */
export const refused: readonly (readonly [RegExp, string])[] = [
  [/affine_grid/, 'tf.js has no grids of places'],
  [/attention_4d_(.*nonpad|diff_heads_mask4d_padded_kv)/, 'its sequences have lengths of their own'],
  [/gridsample/, 'tf.js has no gradient for sampling by a grid'],
  [/_training_mode$/, 'it was exported in training mode: export the model in evaluation mode'],
  [/1\.12\.0.*bernoulli/, 'it draws random numbers'],
  [/bitshift_(left|right)_uint(8|32|64)$/, 'it works on bits, which have no gradient'],
  [/bitwise_/, 'it works on bits, which have no gradient'],
  [/_FLOAT_to_STRING$/, 'it gives no numbers'],
  [/test_constant$/, 'it is read as it is stored'],
  [/convinteger|matmulinteger|qlinear|quantizelinear/, 'quantised numbers have no gradient'],
  [/test_div_u?int/, 'it divides integers'],
  [/test_mod_(broadcast|int64_fmod|mixed_sign_int\d+|uint\d+)$/, 'it divides integers'],
  [/einsum_batch_diagonal/, "its equation '...ii ->...i' takes a diagonal"],
  [/maxpool_with_argmax/, 'its output of indices has no gradient'],
  [/maxunpool/, 'it reads indices, which tf.js does not get from MaxPool'],
  [/onehot_without_axis/, 'it gives integers, which have no gradient'],
  [/resize_.*antialias/, 'its antialias filter has no form in tf.js'],
  [/resize_tf_crop_and_resize/, "its coordinate_transformation_mode is 'tf_crop_and_resize'"],
  [/resize_.*_not_larger/, "its keep_aspect_ratio_policy is 'not_larger'"],
  [/resize_.*_not_smaller/, "its keep_aspect_ratio_policy is 'not_smaller'"],
  [/reversesequence/, 'it reverses sequences of different lengths'],
  [/1\.12\.0.*roialign/, 'tf.js has no gradient for regions of interest'],
  [/scatter_elements_with_duplicate_indices|scatternd_add/, "it joins updates by 'add'"],
  [/scatter_elements_with_reduction_max|scatternd_max/, "it joins updates by 'max'"],
  [/scatter_elements_with_reduction_min|scatternd_min/, "it joins updates by 'min'"],
  [/scatter_elements_with_reduction_mul|scatternd_multiply/, "it joins updates by 'mul'"],
  [/test_(shape|size)(_|$)/, 'widths have no gradient'],
  [/test_top_k(?!_uint64)/, 'it chooses elements, and tf.js has no gradient for that'],
];

/** Vectors that a lowering need not give, and why. */
export const leftOut: readonly (readonly [RegExp, string])[] = [
  // What lowerings leave away on purpose.
  [/dropout_default_mask/, 'a mask of Dropout is not made: what reads it is refused'],
  [
    /training_dropout_(?!zero_ratio$)|training_dropout$/,
    'Dropout at the rate of training draws random numbers, which are not those of NumPy',
  ],
  [/resize_downsample_scales_(linear|cubic)_align_corners$/, 'ONNX Runtime takes another length, and so do we'],

  // Types that neither tf.js nor JavaScript has.
  [/attention_.*bf16/, 'floats of 16 bits with the exponent of 32'],
  [/cast(like)?_(STRING|.*(U?INT[24]|FLOAT4|FLOAT8|BFLOAT16))/, 'strings and floats and integers of few bits'],
  [/equal_string/, 'strings'],
  [/identity_(opt|sequence)/, 'sequences and optionals'],

  // What ONNX Runtime, which tells the shapes, does not have on the CPU.
  [/empty_set|tril_zero|split_zero_size/, 'dimensions of 0'],
  [/(max|min)_u?int16|pow_types_float32_uint|top_k_uint64|bitshift_.*_uint16/, 'types without a kernel'],
  [/AvgPool/, 'AveragePool of opset 6'],
  [/_batchwise$/, 'recurrent layers with the batch first (layout = 1)'],
  [/1\.23\.2.*(bernoulli|roialign)/, 'Bernoulli and RoiAlign of opset 22'],
];
