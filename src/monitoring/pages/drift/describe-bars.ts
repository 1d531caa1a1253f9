import { type InputDefinition } from '../../../scoring/manifest/manifest';
import { type InputDrift } from '../../drift/drift-report';
import { type Reader } from '../reader';
import { describeBin } from './describe-bin';

/** Length of the longest bar, in SVG units: the box is 200 × 20. */
const LONGEST = 200;

/** One bin as two bars above each other, with its figures. */
export interface BarsView {
  readonly bin: string;
  /** Lengths of the bars. */
  readonly referenceLength: string;
  readonly productionLength: string;
  readonly reference: string;
  readonly referenceShare: string;
  readonly production: string;
  readonly productionShare: string;
  readonly difference: string;
}

/** The bins of an input as bars that need no script: all lengths compare with the largest share on either side. */
export function describeBars(
  { bins, productionRows, referenceRows }: InputDrift,
  definition: InputDefinition | null,
  reader: Reader,
): readonly BarsView[] {
  const { formats } = reader;
  const share = (count: number, rows: number): number => (rows > 0 ? count / rows : 0);
  const shares = bins.map((bin) => ({
    bin,
    reference: share(bin.reference, referenceRows),
    production: share(bin.production, productionRows),
  }));
  const largest = Math.max(...shares.flatMap(({ reference, production }) => [reference, production]), 0) || 1;
  const length = (value: number): string => ((value / largest) * LONGEST).toFixed(1);
  return shares.map(({ bin, reference, production }) => ({
    bin: describeBin(bin, definition?.type === 'integer', reader),
    referenceLength: length(reference),
    productionLength: length(production),
    reference: formats.integer(bin.reference),
    referenceShare: formats.share(reference),
    production: formats.integer(bin.production),
    productionShare: formats.share(production),
    difference: formats.points(production - reference),
  }));
}
