import { readFile, stat } from 'node:fs/promises';
import type { Target } from '../cost/cost.js';
import { RESOURCE_NAMES } from '../cost/resource.js';
import { UnitWidths } from '../cost/unitWidths.js';
import { structureErrors } from '../errors/structureErrors.js';
import type { Plan } from '../rewrite/plan/plan.js';
import type { Structure, StructureGroup } from '../rewrite/plan/structure.js';
import { structurePlan } from '../rewrite/plan/structurePlan.js';
import type { Stage } from './stage.js';

/** No structure is larger. */
const LARGEST_FILE = 64 * 2 ** 20;

/** Reads what `--structure-out` wrote. @throws STRUCTURE_UNREADABLE, STRUCTURE_MALFORMED */
export async function loadStructure(path: string): Promise<Structure> {
  let text: string;
  try {
    const info = await stat(path);
    if (!info.isFile()) throw new Error('it is no file');
    if (info.size > LARGEST_FILE) throw new Error(`it has ${info.size} bytes`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw structureErrors.unreadable(path, error instanceof Error ? error.message : String(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw structureErrors.malformed(path, 'it is not JSON');
  }
  const { version, groups } = fieldsOf(value);
  if (version !== 1) throw structureErrors.malformed(path, 'version: must be 1');
  if (!Array.isArray(groups)) throw structureErrors.malformed(path, 'groups: must be a list');
  return { version, groups: groups.map((group, index) => readGroup(group, `groups[${index}]`, path)) };
}

/**
 * The plan that gives a network a structure.
 *
 * @param path for messages
 * @throws STRUCTURE_MISMATCH
 */
export function planOfStructure(structure: Structure, path: string, stage: Stage): Plan {
  const { label } = stage.bound;
  let plan: Plan;
  try {
    plan = structurePlan(stage.analysis, structure);
  } catch (error) {
    throw structureErrors.mismatch(path, label, error instanceof Error ? error.message : String(error));
  }
  const units = new UnitWidths(stage.analysis);
  const left = units.leftAt(units.at(plan.copies));
  if (left !== undefined && 'obstacle' in left) {
    throw structureErrors.mismatch(path, label, 'it cannot do without the groups that have no channels left');
  }
  return plan;
}

/** @throws STRUCTURE_OVER_TARGET where the plan of a structure costs more than a target allows */
export function checkStructureCost(path: string, { copies }: Plan, targets: readonly Target[]): void {
  for (const { cost, limit } of targets) {
    const total = cost.total(copies);
    if (total > limit) throw structureErrors.overTarget(path, RESOURCE_NAMES[cost.resource], total, limit);
  }
}

function readGroup(value: unknown, where: string, path: string): StructureGroup {
  const { name, members, width, alive, kept } = fieldsOf(value);
  const refuse = (detail: string) => structureErrors.malformed(path, `${where}.${detail}`);
  if (typeof name !== 'string') throw refuse('name: must be a text');
  if (!isListOf(members, (item): item is string => typeof item === 'string')) throw refuse('members: must be texts');
  if (!isIndex(width) || width < 1) throw refuse('width: must be an integer of at least 1');
  if (!isListOf(kept, isIndex) || !kept.every((index, i) => index < width && (i === 0 || index > kept[i - 1]!))) {
    throw refuse(`kept: must be rising integers below ${width}`);
  }
  if (alive !== kept.length) throw refuse(`alive: must be ${kept.length}, as many as are kept`);
  return { name, members, width, alive, kept };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(is);
}
