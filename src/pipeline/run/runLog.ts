import { type FileHandle, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeError } from '../../onnx/pendingFile.js';
import { scalarEvent, startEvent, versionEvent } from '../../report/scalarEvents.js';
import { tfRecord } from '../../report/tfRecord.js';
import { type TrainingRow, trainingCsvHead, trainingCsvLine, trainingCsvUntil } from '../../report/trainingCsv.js';
import { makeOutputFolder } from '../outputFolder.js';

/** What to follow a run by: event files for TensorBoard, and `training.csv` with the same numbers. */
export interface RunLog {
  /** Writes the numbers of a step; the tag of `loss` in the phase `shrink` is `shrink/loss`. */
  write(row: TrainingRow): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the log of a run in a folder, which is made where there is none.
 *
 * @param columns names of all numbers that will come
 * @param step the last step that is done: what is logged of later ones is dropped
 * @param now milliseconds since 1970
 * @throws OUTPUT_NOT_FOLDER, OUTPUT_DENIED, …
 */
export async function openRunLog(
  folder: string,
  columns: readonly string[],
  step = 0,
  now: () => number = Date.now,
): Promise<RunLog> {
  await makeOutputFolder(folder);
  const csvPath = join(folder, 'training.csv');
  const eventsPath = join(folder, `events.out.tfevents.${Math.floor(now() / 1000)}.onnx-morph`);
  const wallTime = () => now() / 1000;
  const files: FileHandle[] = [];
  const append = async (path: string): Promise<FileHandle> => {
    const file = await open(path, 'a').catch((error: unknown) => Promise.reject(writeError(path, error)));
    files.push(file);
    return file;
  };
  const close = async () => {
    for (const file of files.splice(0)) await file.close();
  };
  const add = (file: FileHandle, path: string, bytes: Uint8Array | string) =>
    file.appendFile(bytes).catch((error: unknown) => Promise.reject(writeError(path, error)));
  try {
    const before = step === 0 ? '' : await readFile(csvPath, 'utf8').catch(() => '');
    const kept = trainingCsvUntil(before, columns, step) ?? trainingCsvHead(columns);
    await writeFile(csvPath, kept).catch((error: unknown) => Promise.reject(writeError(csvPath, error)));
    const csv = await append(csvPath);
    const events = await append(eventsPath);
    await add(events, eventsPath, tfRecord(versionEvent(wallTime())));
    await add(events, eventsPath, tfRecord(startEvent({ wallTime: wallTime(), step: step + 1 })));
    const write = async (row: TrainingRow): Promise<void> => {
      const tagged = Object.entries(row.numbers).map(([name, value]) => [`${row.phase}/${name}`, value] as const);
      const time = { wallTime: wallTime(), step: row.step };
      await add(events, eventsPath, tfRecord(scalarEvent(time, Object.fromEntries(tagged))));
      await add(csv, csvPath, trainingCsvLine(row, columns));
    };
    return { write, close };
  } catch (error) {
    await close();
    throw error;
  }
}
