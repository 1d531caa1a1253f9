import { parseForest } from '../forest/parse-forest';
import { type InputDefinition } from '../manifest/manifest';
import { parseFeatures } from '../manifest/parse-features';
import { parseInputs, parseLocalisedText } from '../manifest/parse-inputs';
import { parsePolicy } from '../policy/parse-policy';
import { parseReference } from '../reference/parse-reference';
import { type Bundle, type Reason, type Training } from './bundle';
import { BundleNode } from './bundle-node';

/** The only bundle format there is so far. */
export const BUNDLE_FORMAT = 'credit-scoring-model/1';

/**
 * Reads the text of a `model.json` strictly: unknown keys, missing keys, wrong types, values out of
 * range and inconsistent parts are all refused.
 *
 * @param file what to call the file in errors
 * @param text the whole file
 * @throws {BundleError} naming the file and the key
 *
 * Cost: O(size); 80,000 nodes take about 100 ms.
 */
export function parseBundle(file: string, text: string): Bundle {
  const members = BundleNode.parse(file, text).members([
    'format',
    'name',
    'version',
    'createdAt',
    'training',
    'inputs',
    'protectedInputs',
    'features',
    'forest',
    'policy',
    'reasons',
    'reference',
  ]);
  members.format.oneOf([BUNDLE_FORMAT]);
  const names = new Set<string>();
  const inputs = parseInputs(members.inputs, names);
  if (inputs.length === 0) members.inputs.fail('at least one input');
  const protectedInputs = parseInputs(members.protectedInputs, names);
  const features = parseFeatures(members.features, inputs);
  return {
    name: members.name.string(/^[a-z0-9][a-z0-9.-]{0,63}$/, 'lower-case letters, digits, dots and hyphens'),
    version: members.version.string(
      /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/,
      'a version of three dotted numbers',
    ),
    createdAt: parseTime(members.createdAt),
    training: parseTraining(members.training),
    inputs,
    protectedInputs,
    features,
    forest: parseForest(members.forest, features.length),
    policy: parsePolicy(members.policy),
    reasons: parseReasons(members.reasons, inputs),
    reference: parseReference(members.reference, [...inputs, ...protectedInputs]),
  };
}

function parseTime(node: BundleNode): string {
  const expectation = 'a time in ISO 8601, UTC, such as 2026-01-31T00:00:00Z';
  const text = node.string(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/, expectation);
  const time = new Date(text);
  // The 30th of February would pass as the 2nd of March.
  const exists = !Number.isNaN(time.getTime()) && time.toISOString().slice(0, 19) === text.slice(0, 19);
  return exists ? text : node.fail(expectation);
}

function parseTraining(node: BundleNode): Training {
  const members = node.members(['library', 'estimator', 'parameters', 'dataset', 'seed', 'split', 'metrics']);
  const library = members.library.members(['name', 'version']);
  const dataset = members.dataset.members(['name', 'rows', 'licence', 'sha256', 'attribution']);
  return {
    library: { name: library.name.string(), version: library.version.string() },
    estimator: members.estimator.string(),
    parameters: parseObject(members.parameters),
    dataset: {
      name: dataset.name.string(),
      rows: dataset.rows.integer(1),
      licence: dataset.licence.string(),
      sha256: dataset.sha256.string(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 lower-case hexadecimal digits'),
      attribution: dataset.attribution.string(),
    },
    seed: members.seed.value === null ? null : members.seed.integer(0),
    split: members.split.value === null ? null : parseSplit(members.split),
    metrics: parseObject(members.metrics),
  };
}

function parseSplit(node: BundleNode): NonNullable<Training['split']> {
  const members = node.members(['method', 'training', 'validation', 'holdout']);
  return {
    method: members.method.string(),
    training: members.training.integer(1),
    validation: members.validation.integer(0),
    holdout: members.holdout.integer(0),
  };
}

function parseObject(node: BundleNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...node.entries()].map(([key, member]) => [key, member.value]));
}

function parseReasons(node: BundleNode, inputs: readonly InputDefinition[]): Reason[] {
  const elements = node.elements();
  if (elements.length !== inputs.length) node.fail(`${inputs.length} reasons, one per input, in input order`);
  const codes = new Set<string>();
  return elements.map((element, index) => {
    const members = element.members(['input', 'code', 'text']);
    const input = members.input.oneOf([(inputs[index] as InputDefinition).name]);
    const code = members.code.string();
    if (codes.has(code)) members.code.fail('a code that no other reason has');
    codes.add(code);
    return { input, code, text: parseLocalisedText(members.text) };
  });
}
