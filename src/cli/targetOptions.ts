import { type Command, Option } from 'commander';
import { RESOURCE_NAMES, TARGET_RESOURCES } from '../cost/resource.js';
import { parseBudgets } from './parseBudget.js';

/** `--target`, once for each resource. @param isOptional whether something else can say what to cut */
export function addTargetOption(command: Command, { isOptional = false } = {}): void {
  const names = TARGET_RESOURCES.map((resource) => RESOURCE_NAMES[resource]).join(', ');
  command.addOption(
    new Option(
      '--target <budget>',
      `what the result may cost, as flops=50%, params=800k, weight-bytes=1.5MB or latency=3ms, of ${names} (repeatable: all hold)`,
    )
      .argParser(parseBudgets('--target', { allowsMoreThanAll: false }))
      .makeOptionMandatory(!isOptional),
  );
}
