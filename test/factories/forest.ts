import { type Tree } from '../../src/scoring/forest/forest';

/** A tree as a person writes it: a leaf is its share of defaults. */
export type TreeShape =
  | number
  | {
      readonly feature: number;
      readonly threshold: number;
      readonly missingGoesLeft?: boolean;
      readonly left: TreeShape;
      readonly right: TreeShape;
    };

/** The parallel arrays of a tree, nodes numbered breadth first; trees may be deeper than the call stack. */
export function treeOf(shape: TreeShape): Tree {
  const shapes = [shape];
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const missingGoToLeft: number[] = [];
  const value: number[] = [];
  for (const node of shapes) {
    const isLeaf = typeof node === 'number';
    feature.push(isLeaf ? -1 : node.feature);
    threshold.push(isLeaf ? 0 : node.threshold);
    left.push(isLeaf ? -1 : shapes.length);
    right.push(isLeaf ? -1 : shapes.length + 1);
    missingGoToLeft.push(!isLeaf && node.missingGoesLeft === true ? 1 : 0);
    value.push(isLeaf ? node : 0);
    if (!isLeaf) {
      shapes.push(node.left, node.right);
    }
  }
  return {
    feature: Int32Array.from(feature),
    threshold: Float64Array.from(threshold),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    missingGoToLeft: Uint8Array.from(missingGoToLeft),
    value: Float64Array.from(value),
  };
}
