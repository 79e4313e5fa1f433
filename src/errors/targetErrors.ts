/** @file Errors about budgets. */
import { MorphError } from './morphError.js';

export const targetErrors = {
  malformed: (option: string, text: string) =>
    new MorphError({
      code: 'TARGET_MALFORMED',
      category: 'usage',
      where: `${option} ${text}`,
      what: 'a budget is RESOURCE=AMOUNT',
      fix: 'write for example flops=50%, params=30%, macs=30M or flops=1.2G',
    }),

  unknownResource: (option: string, resource: string, known: readonly string[]) =>
    new MorphError({
      code: 'TARGET_UNKNOWN_RESOURCE',
      category: 'usage',
      where: `${option} ${resource}`,
      what: `'${resource}' is no resource that can be a target`,
      fix: `use one of ${known.join(', ')}`,
    }),

  outOfRange: (option: string, text: string, range: string) =>
    new MorphError({
      code: 'TARGET_OUT_OF_RANGE',
      category: 'target',
      where: `${option} ${text}`,
      what: `the amount must be ${range}`,
      fix: 'write for example flops=50%',
    }),

  /** @param rules options that hold widths up, beside the least number of channels */
  unreachable: (
    resource: string,
    limit: number,
    whole: number,
    least: number,
    minChannels = 1,
    rules: readonly string[] = [],
  ) => {
    const channels = minChannels === 1 ? 'one channel' : `${minChannels} channels`;
    const within = rules.length === 0 ? '' : `, within ${rules.join(' and ')},`;
    return new MorphError({
      code: 'TARGET_UNREACHABLE',
      category: 'target',
      where: `target ${resource}=${Math.floor(limit)}`,
      what: `the model has ${whole}, and cutting every group down to ${channels}${within} leaves ${least}`,
      fix: `ask for at least ${resource}=${Math.ceil((1000 * least) / whole) / 10}%`,
    });
  },

  belowCost: (resource: string, limit: number, whole: number) =>
    new MorphError({
      code: 'TARGET_BELOW_COST',
      category: 'target',
      where: `widen ${resource}=${limit}`,
      what: `the model has ${whole} already, and widening only adds`,
      fix: `ask for more than ${whole}, or cut it with --target`,
    }),

  nothingPrunable: (label: string, reason: string) =>
    new MorphError({
      code: 'TARGET_NOTHING_PRUNABLE',
      category: 'target',
      where: label,
      what: `no channel can be changed (${reason})`,
      fix: 'see what holds them with: onnx-morph explain MODEL.onnx',
    }),
};
