import { describe, expect, it } from 'vitest';
import { dataErrors } from '../../src/errors/dataErrors.js';
import { MorphError } from '../../src/errors/morphError.js';

type Case = readonly [error: MorphError, code: string, message: string];

const CASES: readonly Case[] = [
  [
    dataErrors.unreadable('a.npz', 'ENOENT: no such file'),
    'DATA_UNREADABLE',
    'a.npz: cannot be read (ENOENT: no such file); check the path and its permissions',
  ],
  [
    dataErrors.format('a.csv'),
    'DATA_FORMAT',
    'a.csv: is no known form of data; give a .npz archive, a folder of IDX files, or a .js, .mjs, .cjs or .ts module',
  ],
  [
    dataErrors.damaged('a.npz, "x.npy"', 'its bytes do not match their CRC-32'),
    'DATA_DAMAGED',
    'a.npz, "x.npy": is damaged: its bytes do not match their CRC-32; copy or write the file again',
  ],
  [
    dataErrors.tooLarge('a.npz', 9e15),
    'DATA_TOO_LARGE',
    'a.npz: its 9000000000000000 bytes do not fit in memory; give the data as a module that yields batches',
  ],
  [
    dataErrors.notZip('a.npz'),
    'DATA_NOT_ZIP',
    'a.npz: has no zip directory, so it is no .npz archive or is cut off; write it with numpy.savez or numpy.savez_compressed',
  ],
  [
    dataErrors.zipUnsupported('a.npz, "x.npy"', 'it is encrypted'),
    'DATA_ZIP_UNSUPPORTED',
    'a.npz, "x.npy": cannot be unpacked: it is encrypted; write the archive with numpy.savez or numpy.savez_compressed',
  ],
  [
    dataErrors.npzArray('a.npz', 'x_train', ['x', 'y']),
    'DATA_NPZ_ARRAY',
    'a.npz: has no array x_train; it holds "x", "y"; name the arrays x_train, y_train, x_test and y_test (the test pair may be left out)',
  ],
  [
    dataErrors.npzArray('a.npz', 'x_train', []),
    'DATA_NPZ_ARRAY',
    'a.npz: has no array x_train; it holds nothing; name the arrays x_train, y_train, x_test and y_test (the test pair may be left out)',
  ],
  [
    dataErrors.npzArray('a.npz', 'x_test', ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']),
    'DATA_NPZ_ARRAY',
    'a.npz: has no array x_test; it holds "a", "b", "c", "d", "e", "f", "g", "h" and 2 more; name the arrays x_train, y_train, x_test and y_test (the test pair may be left out)',
  ],
  [
    dataErrors.notNpy('a.npz, x_train', 'it ends within its header'),
    'DATA_NOT_NPY',
    'a.npz, x_train: is no .npy array: it ends within its header; write it with numpy.save or numpy.savez',
  ],
  [
    dataErrors.npyDtype('a.npz, x_train', '"|O"'),
    'DATA_NPY_DTYPE',
    'a.npz, x_train: has the dtype "|O", which is not read; convert it with astype to bool, int8 to int64, uint8 to uint32, float16, float32 or float64',
  ],
  [
    dataErrors.idxFile('mnist', ['a.txt']),
    'DATA_IDX_FILE',
    'mnist: lacks IDX images; it holds "a.txt"; name the files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (.gz may follow, the t10k pair may be left out)',
  ],
  [
    dataErrors.notIdx('train-images-idx3-ubyte', 'it begins with the bytes 1 2 3 4'),
    'DATA_NOT_IDX',
    'train-images-idx3-ubyte: is no IDX file: it begins with the bytes 1 2 3 4; write two zero bytes, the type, the number of axes and the sizes',
  ],
  [
    dataErrors.integerTooLarge('a.npz, x_train', 3, '9007199254740993'),
    'DATA_INTEGER_TOO_LARGE',
    'a.npz, x_train: element 3 is 9007199254740993, beyond the 53 bits that are kept exactly; scale the values down before they are written',
  ],
  [
    dataErrors.sampleAxes('a.npz, x_train', [7]),
    'DATA_SAMPLE_AXES',
    'a.npz, x_train: has the shape [7], which leaves a sample no axis; give samples along axis 0 and their values after it: [N, …]',
  ],
  [
    dataErrors.empty('a.npz, x_train', [0, 3]),
    'DATA_EMPTY',
    'a.npz, x_train: has the shape [0, 3] and no values; give at least one sample',
  ],
  [
    dataErrors.counts('a.npz, x_train', 5, 'a.npz, y_train', 4),
    'DATA_COUNTS',
    'a.npz, x_train: holds 5 samples, but a.npz, y_train 4 labels; give one label for each sample',
  ],
  [
    dataErrors.sampleShapes('a.npz, x_train', [9, 1, 8, 8], 'a.npz, x_test', [2, 8, 8]),
    'DATA_SAMPLE_SHAPES',
    'a.npz, x_test: has the shape [2, 8, 8], but a.npz, x_train [9, 1, 8, 8]; give all samples the same shape after the first axis',
  ],
  [
    dataErrors.notFinite('a.npz, x_train', 4, Number.NaN),
    'DATA_NOT_FINITE',
    'a.npz, x_train: sample 4 holds NaN, which is not finite as a normalised float32; remove the sample or correct it',
  ],
  [
    dataErrors.labelShape('a.npz, y_train', [4, 2, 2]),
    'DATA_LABEL_SHAPE',
    'a.npz, y_train: has the shape [4, 2, 2]; give labels as [N], [N, 1] or one-hot [N, classes]',
  ],
  [
    dataErrors.labelValue('a.npz, y_train', 3, -1),
    'DATA_LABEL_VALUE',
    'a.npz, y_train: label 3 is -1; give class indices: integers from 0; numbers are learned with --loss mse, shares from 0 to 1 with --loss bce',
  ],
  [
    dataErrors.labelNotOneHot('a.npz, y_train', [4, 3], 2),
    'DATA_LABEL_NOT_ONE_HOT',
    'a.npz, y_train: has the shape [4, 3], but row 2 is not one 1 among zeros; give one-hot rows, or class indices of shape [N]',
  ],
  [
    dataErrors.targetShape('a.npz', [1, 4], 'y', [undefined, 3, undefined]),
    'DATA_TARGET_SHAPE',
    "a.npz: its labels have the shape [N, 4], but 'y' wants [N, 3, ?]; give y in that shape",
  ],
  [
    dataErrors.targetShare('a.npz, a batch of labels', 5, 1.5),
    'DATA_TARGET_SHARE',
    'a.npz, a batch of labels: element 5 is 1.5; give 0 for no, 1 for yes, or what is between; other numbers are learned with --loss mse',
  ],
  [
    dataErrors.labelRange('a.npz, training labels', 17, 10, 10),
    'DATA_LABEL_RANGE',
    'a.npz, training labels: label 17 is 10, but the model tells 10 classes apart; give labels from 0 to 9',
  ],
  [
    dataErrors.noLabels('a.npz', 'training'),
    'DATA_NO_LABELS',
    'a.npz: its training samples have no labels; add one class index for each sample',
  ],
  [
    dataErrors.normalisationSyntax('--scale', '1/x'),
    'DATA_NORMALISATION_SYNTAX',
    '--scale: cannot read "1/x"; give one number or fraction: 1/255',
  ],
  [
    dataErrors.normalisationSyntax('--mean', '0.5;0.5'),
    'DATA_NORMALISATION_SYNTAX',
    '--mean: cannot read "0.5;0.5"; give numbers or fractions between commas: 0.5 or 0.485,0.456,0.406',
  ],
  [
    dataErrors.normalisationZero('--scale'),
    'DATA_NORMALISATION_ZERO',
    '--scale: is 0, which makes all samples equal; give another number, as 1/255',
  ],
  [
    dataErrors.normalisationZero('--std'),
    'DATA_NORMALISATION_ZERO',
    '--std: is not above 0; give a positive number for each channel',
  ],
  [
    dataErrors.normalisationChannels('a.npz, x_train', '--mean', 3, [1, 28, 28]),
    'DATA_NORMALISATION_CHANNELS',
    'a.npz, x_train: --mean has 3 values, but axis 1 of [N, 1, 28, 28] is 1; give one value, or one for each channel of channel-first data [N, C, …]',
  ],
  [
    dataErrors.augmentSyntax('turn'),
    'DATA_AUGMENT_SYNTAX',
    '--augment: cannot read "turn"; give shift=PIXELS, flip, crop=SHARE or several: crop=0.5,shift=2,flip',
  ],
  [
    dataErrors.augmentShape('d.npz', [64]),
    'DATA_AUGMENT_SHAPE',
    'd.npz: its samples have the shape [N, 64], which is not that of images; leave out --augment, or give images [N, C, H, W] or [N, H, W, C]',
  ],
  [
    dataErrors.moduleImport('a.mjs', 'Unexpected token'),
    'DATA_MODULE_IMPORT',
    'a.mjs: cannot be imported (Unexpected token); check that node can import the module',
  ],
  [
    dataErrors.moduleTypeScript('a.ts'),
    'DATA_MODULE_TYPESCRIPT',
    'a.ts: is TypeScript, which this version of Node cannot import; install the package typescript beside it, or compile it and give the .js file',
  ],
  [
    dataErrors.moduleExport('a.mjs', 'undefined'),
    'DATA_MODULE_EXPORT',
    'a.mjs: its default export gives undefined; export a function batches(split, context), or an object (or a function that returns one) with the functions train(context) and, if wanted, test(context) and the number trainBatches',
  ],
  [
    dataErrors.moduleFailed('a.mjs, train', 'no such table', new Error('no such table')),
    'DATA_MODULE_FAILED',
    'a.mjs, train: the module threw: no such table; correct the module',
  ],
  [
    dataErrors.moduleBatch('a.mjs, train batch 0', 'x is undefined'),
    'DATA_MODULE_BATCH',
    'a.mjs, train batch 0: x is undefined; yield batches { x, y } with x and y as { data: a typed array, shape: [N, …] }',
  ],
  [
    dataErrors.inputDtype('a.npz', 'int64'),
    'DATA_INPUT_DTYPE',
    'a.npz: gives float32 samples, but the model takes int64; use a model with a float input',
  ],
  [
    dataErrors.layout('a.npz', [28, 30, 3], [undefined, 3, 28, 30], 'channel-last'),
    'DATA_LAYOUT',
    'a.npz: its samples are channel-last, [N, 28, 30, 3], but the model takes [?, 3, 28, 30]; transpose them with numpy.transpose(x, (0, 3, 1, 2))',
  ],
  [
    dataErrors.layout('a.npz', [3, 28, 30], [1, 28, 30, 3], 'channel-first'),
    'DATA_LAYOUT',
    'a.npz: its samples are channel-first, [N, 3, 28, 30], but the model takes [1, 28, 30, 3]; transpose them with numpy.transpose(x, (0, 2, 3, 1))',
  ],
  [
    dataErrors.inputShape('a.npz', [784], [undefined, 1, 28, 28], true),
    'DATA_INPUT_SHAPE',
    'a.npz: its samples have the shape [N, 784], but the model takes [?, 1, 28, 28]; reshape them to [N, 1, 28, 28]',
  ],
  [
    dataErrors.inputShape('a.npz', [1, 8, 8], [undefined, 1, undefined, 28], false),
    'DATA_INPUT_SHAPE',
    'a.npz: its samples have the shape [N, 1, 8, 8], but the model takes [?, 1, ?, 28]; bring the samples to the size that the model takes',
  ],
  [dataErrors.batchSize(0), 'DATA_BATCH_SIZE', 'the batch size is 0; give an integer of at least 1'],
];

describe('dataErrors', () => {
  it.each(CASES)('%s', (error, code, message) => {
    expect(error).toBeInstanceOf(MorphError);
    expect([error.message, error.code, error.category]).toEqual([message, code, 'data']);
  });

  it('has a case for every entry', () => {
    const codes = new Set(CASES.map(([error]) => error.code));
    expect(codes.size).toBe(Object.keys(dataErrors).length);
  });

  it('keeps what a data module threw', () => {
    const cause = new Error('no such table');
    expect(dataErrors.moduleFailed('a.mjs', 'no such table', cause).cause).toBe(cause);
  });
});
