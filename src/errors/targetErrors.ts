/** @file Errors about budgets. */
import { MorphError } from './morphError.js';

/** Whole numbers, but of milliseconds four digits. */
function amountText(resource: string, round: (amount: number) => number, amount: number): string {
  return resource === 'latency' ? `${Number(amount.toPrecision(4))}ms` : String(round(amount));
}

export const targetErrors = {
  malformed: (option: string, text: string) =>
    new MorphError({
      code: 'TARGET_MALFORMED',
      category: 'usage',
      where: `${option} ${text}`,
      what: 'a budget is RESOURCE=AMOUNT',
      fix: 'write for example flops=50%, params=30%, macs=30M, weight-bytes=1.5MB or latency=3ms',
    }),

  unknownResource: (option: string, resource: string, known: readonly string[]) =>
    new MorphError({
      code: 'TARGET_UNKNOWN_RESOURCE',
      category: 'usage',
      where: `${option} ${resource}`,
      what: `'${resource}' is no resource that can be a target`,
      fix: `use one of ${known.join(', ')}`,
    }),

  twice: (option: string, resource: string) =>
    new MorphError({
      code: 'TARGET_TWICE',
      category: 'usage',
      where: `${option} ${resource}`,
      what: `'${resource}' is limited twice`,
      fix: `give one ${option} for each resource`,
    }),

  none: (option: string) =>
    new MorphError({
      code: 'TARGET_NONE',
      category: 'usage',
      where: option,
      what: 'nothing is limited',
      fix: `give at least one budget, as flops=50%`,
    }),

  noDevice: () =>
    new MorphError({
      code: 'TARGET_NO_DEVICE',
      category: 'usage',
      where: 'latency',
      what: 'how long a model takes depends on the device that it runs on',
      fix: 'name one with --device',
    }),

  outOfRange: (option: string, text: string, range: string) =>
    new MorphError({
      code: 'TARGET_OUT_OF_RANGE',
      category: 'target',
      where: `${option} ${text}`,
      what: `the amount must be ${range}`,
      fix: 'write for example flops=50%',
    }),

  unit: (option: string, text: string, resource: string, units: string) =>
    new MorphError({
      code: 'TARGET_UNIT',
      category: 'usage',
      where: `${option} ${text}`,
      what: `${resource} is not measured in that`,
      fix: `write a share as ${resource}=50%, or an amount with ${units}`,
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
    const channels = minChannels > 1 ? `${minChannels} channels` : 'one channel';
    const groups =
      minChannels === 0
        ? 'letting every group die that the outputs can do without, and cutting the others'
        : 'cutting every group';
    const within = rules.length === 0 ? '' : `, within ${rules.join(' and ')},`;
    return new MorphError({
      code: 'TARGET_UNREACHABLE',
      category: 'target',
      where: `target ${resource}=${amountText(resource, Math.floor, limit)}`,
      what: `the model has ${amountText(resource, Number, whole)}, and ${groups} down to ${channels}${within} leaves ${amountText(resource, Number, least)}`,
      fix: `ask for at least ${resource}=${Math.ceil((1000 * least) / whole) / 10}%`,
    });
  },

  missed: (limitMs: number, leastMs: number) =>
    new MorphError({
      code: 'TARGET_MISSED',
      category: 'target',
      where: `target latency=${amountText('latency', Number, limitMs)}`,
      what: `the result takes ${amountText('latency', Number, leastMs)} on this machine, the best of all plans that were tried`,
      fix: 'ask for more, calibrate again on a machine that does nothing else, or go by the prediction (prune --no-latency)',
    }),

  belowCost: (resource: string, limit: number, whole: number) =>
    new MorphError({
      code: 'TARGET_BELOW_COST',
      category: 'target',
      where: `widen ${resource}=${amountText(resource, Number, limit)}`,
      what: `the model has ${amountText(resource, Number, whole)} already, and widening only adds`,
      fix: `ask for more than ${amountText(resource, Number, whole)}, or cut it with --target`,
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
