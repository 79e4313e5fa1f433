/** What a file that is no ONNX model turns out to be, and what to do about it. */
export interface ForeignFile {
  readonly found: string;
  readonly fix: string;
}

const SIGNATURES: readonly { readonly at: number; readonly text: string; readonly file: ForeignFile }[] = [
  {
    at: 0,
    text: 'version https://git-lfs',
    file: { found: 'a Git LFS pointer', fix: 'fetch the file itself with git lfs pull' },
  },
  {
    at: 0,
    text: 'PK\x03\x04',
    file: {
      found: 'a ZIP archive (as of PyTorch .pt, Keras .keras or NumPy .npz)',
      fix: 'export the model to ONNX, or unpack the archive',
    },
  },
  {
    at: 0,
    text: '\x89HDF',
    file: { found: 'an HDF5 file (as of Keras .h5)', fix: 'export the model to ONNX with tf2onnx' },
  },
  { at: 4, text: 'TFL3', file: { found: 'a TensorFlow Lite model', fix: 'convert it to ONNX with tf2onnx' } },
  { at: 4, text: 'ORTM', file: { found: 'an ONNX Runtime .ort file', fix: 'give the .onnx file it was made from' } },
];

const TEXT: ForeignFile = { found: 'a text file', fix: 'check what was downloaded or exported' };

/** Longer than any header that decides it. */
const HEAD_BYTES = 256;

/** One character per byte: the byte order mark of UTF-8 is three of them. */
function isText(head: string): boolean {
  return /^(?:\xef\xbb\xbf)?[\t\n\r\x20-\x7e]+$/.test(head);
}

/** Recognises by its first bytes what people give by mistake; undefined where it could be a (broken) ONNX model. */
export function foreignFile(bytes: Uint8Array): ForeignFile | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
  const known = SIGNATURES.find(({ at, text }) => head.startsWith(text, at));
  return known?.file ?? (isText(head) ? TEXT : undefined);
}
