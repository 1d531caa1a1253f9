import { type BundleNode } from '../bundle/bundle-node';
import { type Forest, type Tree } from './forest';

/**
 * Reads `forest` and proves what evaluation relies on: equally long arrays, columns in range, finite
 * thresholds, shares in [0, 1], and each node reached exactly once from the root (no cycle, no orphan,
 * no shared child).
 *
 * @param featureCount how many features the manifest makes
 * @throws {BundleError} naming the key
 *
 * Cost: O(nodes).
 */
export function parseForest(node: BundleNode, featureCount: number): Forest {
  const { trees } = node.members(['trees']);
  return { featureCount, trees: trees.elements(1).map((tree) => parseTree(tree, featureCount)) };
}

function parseTree(node: BundleNode, featureCount: number): Tree {
  const members = node.members(['feature', 'threshold', 'left', 'right', 'missingGoToLeft', 'value']);
  const nodeCount = members.feature.length();
  if (nodeCount === 0) members.feature.fail('at least one node');

  const feature = members.feature.fill(
    new Int32Array(nodeCount),
    (value) => Number.isInteger(value) && value >= -1 && value < featureCount,
    `a column from 0 to ${featureCount - 1}, or −1 at a leaf`,
  );
  const isLeaf = (index: number): boolean => feature[index] === -1;
  const child = (value: number, index: number): boolean =>
    isLeaf(index) ? value === -1 : Number.isInteger(value) && value > 0 && value < nodeCount;
  const childExpectation = `a node from 1 to ${nodeCount - 1}, or −1 at a leaf`;

  const tree: Tree = {
    feature,
    threshold: members.threshold.fill(
      new Float64Array(nodeCount),
      (value, index) => Number.isFinite(value) && (!isLeaf(index) || value === 0),
      'a finite threshold, or 0 at a leaf',
    ),
    left: members.left.fill(new Int32Array(nodeCount), child, childExpectation),
    right: members.right.fill(new Int32Array(nodeCount), child, childExpectation),
    missingGoToLeft: members.missingGoToLeft.fill(
      new Uint8Array(nodeCount),
      (value, index) => value === 0 || (value === 1 && !isLeaf(index)),
      '1 or 0, and 0 at a leaf',
    ),
    value: members.value.fill(
      new Float64Array(nodeCount),
      (value, index) => (isLeaf(index) ? value >= 0 && value <= 1 : value === 0),
      'a share from 0 to 1 at a leaf, or 0 inside',
    ),
  };
  refuseUnlessOneTree(node, tree);
  return tree;
}

/** With n − 1 links to n nodes, "every link leads to a node not met before" leaves neither cycles nor orphans. */
function refuseUnlessOneTree(node: BundleNode, tree: Tree): void {
  const met = new Uint8Array(tree.feature.length);
  const { left, right } = node.members(
    ['left', 'right'],
    ['feature', 'threshold', 'missingGoToLeft', 'value'],
  );
  const pending = [0];
  met[0] = 1;
  let count = 1;
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    if (tree.feature[current] === -1) continue;
    for (const [links, source] of [
      [tree.left, left],
      [tree.right, right],
    ] as const) {
      const next = links[current] ?? 0;
      if (met[next] === 1)
        source.at(current).fail('a node that nothing else leads to (a cycle or a shared child)');
      met[next] = 1;
      count += 1;
      pending.push(next);
    }
  }
  if (count !== met.length) {
    const orphan = met.indexOf(0);
    node.fail(`a tree in which the root leads to every node (node ${orphan} is an orphan)`);
  }
}
