/** @file Errors about the data set: its files, its arrays, and how they fit the model. */
import { MorphError } from './morphError.js';

const brackets = (shape: readonly (number | string | undefined)[]): string =>
  `[${shape.map((size) => size ?? '?').join(', ')}]`;

const samples = (shape: readonly (number | undefined)[]): string => brackets(['N', ...shape]);

/** A list of names out of a file, cut short. */
const list = (names: readonly string[]): string => {
  if (names.length === 0) return 'nothing';
  const shown = names.slice(0, 8).map((name) => JSON.stringify(name));
  return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
};

const dataError = (code: string, where: string | undefined, what: string, fix: string, cause?: unknown): MorphError =>
  new MorphError(
    { code, category: 'data', what, fix, ...(where === undefined ? {} : { where }) },
    cause === undefined ? undefined : { cause },
  );

/** Every foreseen failure of data, category `data`. */
export const dataErrors = {
  unreadable: (path: string, detail: string) =>
    dataError('DATA_UNREADABLE', path, `cannot be read (${detail})`, 'check the path and its permissions'),
  format: (path: string) =>
    dataError(
      'DATA_FORMAT',
      path,
      'is no known form of data',
      'give a .npz archive, a folder of IDX files, or a .js, .mjs, .cjs or .ts module',
    ),
  damaged: (where: string, detail: string) =>
    dataError('DATA_DAMAGED', where, `is damaged: ${detail}`, 'copy or write the file again'),
  tooLarge: (where: string, bytes: number) =>
    dataError(
      'DATA_TOO_LARGE',
      where,
      `its ${bytes} bytes do not fit in memory`,
      'give the data as a module that yields batches',
    ),
  notZip: (path: string) =>
    dataError(
      'DATA_NOT_ZIP',
      path,
      'has no zip directory, so it is no .npz archive or is cut off',
      'write it with numpy.savez or numpy.savez_compressed',
    ),
  zipUnsupported: (where: string, detail: string) =>
    dataError(
      'DATA_ZIP_UNSUPPORTED',
      where,
      `cannot be unpacked: ${detail}`,
      'write the archive with numpy.savez or numpy.savez_compressed',
    ),
  npzArray: (path: string, wanted: string, found: readonly string[]) =>
    dataError(
      'DATA_NPZ_ARRAY',
      path,
      `has no array ${wanted}; it holds ${list(found)}`,
      'name the arrays x_train, y_train, x_test and y_test (the test pair may be left out)',
    ),
  notNpy: (where: string, detail: string) =>
    dataError('DATA_NOT_NPY', where, `is no .npy array: ${detail}`, 'write it with numpy.save or numpy.savez'),
  npyDtype: (where: string, descr: string) =>
    dataError(
      'DATA_NPY_DTYPE',
      where,
      `has the dtype ${descr}, which is not read`,
      'convert it with astype to bool, int8 to int64, uint8 to uint32, float16, float32 or float64',
    ),
  idxFile: (path: string, found: readonly string[]) =>
    dataError(
      'DATA_IDX_FILE',
      path,
      `lacks IDX images; it holds ${list(found)}`,
      'name the files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and ' +
        't10k-labels-idx1-ubyte (.gz may follow, the t10k pair may be left out)',
    ),
  notIdx: (path: string, detail: string) =>
    dataError(
      'DATA_NOT_IDX',
      path,
      `is no IDX file: ${detail}`,
      'write two zero bytes, the type, the number of axes and the sizes',
    ),
  integerTooLarge: (where: string, index: number, value: string) =>
    dataError(
      'DATA_INTEGER_TOO_LARGE',
      where,
      `element ${index} is ${value}, beyond the 53 bits that are kept exactly`,
      'scale the values down before they are written',
    ),
  sampleAxes: (where: string, shape: readonly number[]) =>
    dataError(
      'DATA_SAMPLE_AXES',
      where,
      `has the shape ${brackets(shape)}, which leaves a sample no axis`,
      'give samples along axis 0 and their values after it: [N, …]',
    ),
  empty: (where: string, shape: readonly number[]) =>
    dataError('DATA_EMPTY', where, `has the shape ${brackets(shape)} and no values`, 'give at least one sample'),
  counts: (xWhere: string, xCount: number, yWhere: string, yCount: number) =>
    dataError(
      'DATA_COUNTS',
      xWhere,
      `holds ${xCount} samples, but ${yWhere} ${yCount} labels`,
      'give one label for each sample',
    ),
  sampleShapes: (where: string, shape: readonly number[], otherWhere: string, other: readonly number[]) =>
    dataError(
      'DATA_SAMPLE_SHAPES',
      otherWhere,
      `has the shape ${brackets(other)}, but ${where} ${brackets(shape)}`,
      'give all samples the same shape after the first axis',
    ),
  notFinite: (where: string, sample: number, value: number) =>
    dataError(
      'DATA_NOT_FINITE',
      where,
      `sample ${sample} holds ${value}, which is not finite as a normalised float32`,
      'remove the sample or correct it',
    ),
  labelShape: (where: string, shape: readonly number[]) =>
    dataError(
      'DATA_LABEL_SHAPE',
      where,
      `has the shape ${brackets(shape)}`,
      'give labels as [N], [N, 1] or one-hot [N, classes]',
    ),
  labelValue: (where: string, index: number, value: number) =>
    dataError(
      'DATA_LABEL_VALUE',
      where,
      `label ${index} is ${value}`,
      'give class indices: integers from 0; numbers are learned with --loss mse, shares from 0 to 1 with --loss bce',
    ),
  labelNotOneHot: (where: string, shape: readonly number[], index: number) =>
    dataError(
      'DATA_LABEL_NOT_ONE_HOT',
      where,
      `has the shape ${brackets(shape)}, but row ${index} is not one 1 among zeros`,
      'give one-hot rows, or class indices of shape [N]',
    ),
  targetShape: (where: string, shape: readonly number[], output: string, wanted: readonly (number | undefined)[]) =>
    dataError(
      'DATA_TARGET_SHAPE',
      where,
      `its labels have the shape ${samples(shape.slice(1))}, but '${output}' wants ${samples(wanted.slice(1))}`,
      'give y in that shape',
    ),
  targetShare: (where: string, index: number, value: number) =>
    dataError(
      'DATA_TARGET_SHARE',
      where,
      `element ${index} is ${value}`,
      'give 0 for no, 1 for yes, or what is between; other numbers are learned with --loss mse',
    ),
  labelRange: (where: string, index: number, value: number, classes: number) =>
    dataError(
      'DATA_LABEL_RANGE',
      where,
      `label ${index} is ${value}, but the model tells ${classes} classes apart`,
      `give labels from 0 to ${classes - 1}`,
    ),
  noLabels: (where: string, split: 'training' | 'test') =>
    dataError('DATA_NO_LABELS', where, `its ${split} samples have no labels`, 'add one class index for each sample'),
  normalisationSyntax: (option: string, text: string) =>
    dataError(
      'DATA_NORMALISATION_SYNTAX',
      option,
      `cannot read ${JSON.stringify(text)}`,
      option === '--scale'
        ? 'give one number or fraction: 1/255'
        : 'give numbers or fractions between commas: 0.5 or 0.485,0.456,0.406',
    ),
  normalisationZero: (option: string) =>
    option === '--scale'
      ? dataError(
          'DATA_NORMALISATION_ZERO',
          option,
          'is 0, which makes all samples equal',
          'give another number, as 1/255',
        )
      : dataError('DATA_NORMALISATION_ZERO', option, 'is not above 0', 'give a positive number for each channel'),
  normalisationChannels: (where: string, option: string, values: number, sampleShape: readonly number[]) =>
    dataError(
      'DATA_NORMALISATION_CHANNELS',
      where,
      `${option} has ${values} values, but axis 1 of ${samples(sampleShape)} is ${sampleShape[0]}`,
      'give one value, or one for each channel of channel-first data [N, C, …]',
    ),
  augmentSyntax: (text: string) =>
    dataError(
      'DATA_AUGMENT_SYNTAX',
      '--augment',
      `cannot read ${JSON.stringify(text)}`,
      'give shift=PIXELS, flip, crop=SHARE or several: crop=0.5,shift=2,flip',
    ),
  augmentShape: (where: string, sampleShape: readonly number[]) =>
    dataError(
      'DATA_AUGMENT_SHAPE',
      where,
      `its samples have the shape ${samples(sampleShape)}, which is not that of images`,
      'leave out --augment, or give images [N, C, H, W] or [N, H, W, C]',
    ),
  moduleImport: (path: string, detail: string) =>
    dataError('DATA_MODULE_IMPORT', path, `cannot be imported (${detail})`, 'check that node can import the module'),
  moduleTypeScript: (path: string) =>
    dataError(
      'DATA_MODULE_TYPESCRIPT',
      path,
      'is TypeScript, which this version of Node cannot import',
      'install the package typescript beside it, or compile it and give the .js file',
    ),
  moduleExport: (path: string, found: string) =>
    dataError(
      'DATA_MODULE_EXPORT',
      path,
      `its default export gives ${found}`,
      'export a function batches(split, context), or an object (or a function that returns one) with the functions ' +
        'train(context) and, if wanted, test(context) and the number trainBatches',
    ),
  moduleFailed: (where: string, detail: string, cause: unknown) =>
    dataError('DATA_MODULE_FAILED', where, `the module threw: ${detail}`, 'correct the module', cause),
  moduleBatch: (where: string, detail: string) =>
    dataError(
      'DATA_MODULE_BATCH',
      where,
      detail,
      'yield batches { x, y } with x and y as { data: a typed array, shape: [N, …] }',
    ),
  inputDtype: (where: string, dtype: string) =>
    dataError(
      'DATA_INPUT_DTYPE',
      where,
      `gives float32 samples, but the model takes ${dtype}`,
      'use a model with a float input',
    ),
  layout: (
    where: string,
    sampleShape: readonly number[],
    inputShape: readonly (number | undefined)[],
    found: 'channel-last' | 'channel-first',
  ) => {
    const rank = sampleShape.length + 1;
    const axes = Array.from({ length: rank - 1 }, (_, i) => i + 1);
    const order = found === 'channel-last' ? [0, rank - 1, ...axes.slice(0, -1)] : [0, ...axes.slice(1), 1];
    return dataError(
      'DATA_LAYOUT',
      where,
      `its samples are ${found}, ${samples(sampleShape)}, but the model takes ${brackets(inputShape)}`,
      `transpose them with numpy.transpose(x, (${order.join(', ')}))`,
    );
  },
  inputShape: (
    where: string,
    sampleShape: readonly number[],
    inputShape: readonly (number | undefined)[],
    reshapable: boolean,
  ) =>
    dataError(
      'DATA_INPUT_SHAPE',
      where,
      `its samples have the shape ${samples(sampleShape)}, but the model takes ${brackets(inputShape)}`,
      reshapable
        ? `reshape them to ${samples(inputShape.slice(1))}`
        : 'bring the samples to the size that the model takes',
    ),
  batchSize: (batchSize: number) =>
    dataError('DATA_BATCH_SIZE', undefined, `the batch size is ${batchSize}`, 'give an integer of at least 1'),
};
