import { type BundleNode } from '../bundle/bundle-node';
import { type InputDefinition, type LocalisedText } from './manifest';

/** Names that a request uses for something else, or that JavaScript objects carry already. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'clientId',
  'protected',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
]);

/**
 * Reads `inputs` or `protectedInputs`.
 *
 * @param taken names that earlier lists use already; the names read here are added
 * @throws {BundleError} naming the key: unknown keys, wrong types, bounds the wrong way round, examples
 *   that are not valid values, names used twice or reserved
 */
export function parseInputs(list: BundleNode, taken: Set<string>): InputDefinition[] {
  return list.elements().map((element) => parseInput(element, taken));
}

function parseInput(node: BundleNode, taken: Set<string>): InputDefinition {
  const members = node.members(
    ['name', 'type', 'nullable', 'description', 'example'],
    ['minimum', 'maximum', 'categories', 'unit', 'label'],
  );
  const name = members.name.string(
    /^[a-z][A-Za-z0-9]{0,63}$/,
    'a camelCase name of at most 64 letters and digits',
  );
  if (RESERVED_NAMES.has(name)) members.name.fail('a name that is not reserved');
  if (taken.has(name)) members.name.fail('a name that no other input has');
  taken.add(name);

  const base = {
    name,
    nullable: members.nullable.boolean(),
    description: members.description.string(),
    ...(members.unit && { unit: members.unit.string() }),
    ...(members.label && { label: parseLocalisedText(members.label) }),
  };
  const type = members.type.oneOf(['number', 'integer', 'category']);
  if (type === 'category') {
    if (members.minimum) members.minimum.fail('no bound on a category');
    if (members.maximum) members.maximum.fail('no bound on a category');
    if (!members.categories) return node.fail('`categories` for an input of type category');
    const categories = parseCategories(members.categories);
    return { ...base, type, categories, example: members.example.oneOf(categories) };
  }
  if (members.categories) members.categories.fail('no categories on a number');
  if (!members.minimum || !members.maximum)
    return node.fail(`\`minimum\` and \`maximum\` for an input of type ${type}`);
  const minimum =
    type === 'integer' ? members.minimum.integer(Number.MIN_SAFE_INTEGER) : members.minimum.number();
  const maximum =
    type === 'integer' ? members.maximum.integer(Number.MIN_SAFE_INTEGER) : members.maximum.number();
  if (minimum > maximum) members.maximum.fail('a maximum that is not below the minimum');
  const example =
    type === 'integer' ? members.example.integer(minimum, maximum) : members.example.number(minimum, maximum);
  return { ...base, type, minimum, maximum, example };
}

function parseCategories(node: BundleNode): string[] {
  const seen = new Set<string>();
  for (const element of node.elements(1)) {
    const category = element.string(/^\S(.*\S)?$/, 'a string without white space at its ends or line breaks');
    if (seen.has(category)) element.fail('a category that is not listed twice');
    seen.add(category);
  }
  return [...seen];
}

/** Reads `{ en, fr }`. */
export function parseLocalisedText(node: BundleNode): LocalisedText {
  const { en, fr } = node.members(['en', 'fr']);
  return { en: en.string(), fr: fr.string() };
}
