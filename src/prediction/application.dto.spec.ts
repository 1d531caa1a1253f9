import fc from 'fast-check';
import { readBundleFile } from '../../test/factories/bundle';
import { compileApplicationReader } from '../scoring/application/compile-application-reader';
import { parseBundle } from '../scoring/bundle/parse-bundle';
import { type InputDefinition } from '../scoring/manifest/manifest';
import { createApplicationDto } from './application.dto';
import { findApplicationProblems } from './find-application-problems';

const bundles = (['credit-default', 'german-credit'] as const).map((name) =>
  parseBundle('model.json', readBundleFile(name, 'model.json')),
);

/** Values that validators disagree about if they can. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    ' ',
    '0',
    '1e3',
    -0,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    1e308,
    [],
    [1],
    {},
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.double(),
  fc.integer(),
  fc.string(),
);

function valueOf(input: InputDefinition): fc.Arbitrary<unknown> {
  const valid: fc.Arbitrary<unknown> =
    input.type === 'category'
      ? fc.constantFrom(...input.categories)
      : input.type === 'integer'
        ? fc.integer({ min: Math.max(input.minimum, -1e9), max: Math.min(input.maximum, 1e9) })
        : fc.double({ min: input.minimum, max: input.maximum, noNaN: true });
  const bounds =
    input.type === 'category' ? [] : [input.minimum, input.maximum, input.minimum - 1, input.maximum + 1];
  return fc.oneof(
    { weight: 200, arbitrary: valid },
    { weight: 1, arbitrary: oddValue },
    ...(bounds.length > 0 ? [{ weight: 2, arbitrary: fc.constantFrom(...bounds) }] : []),
  );
}

function valuesOf(
  inputs: readonly InputDefinition[],
  presence: number,
): fc.Arbitrary<Record<string, unknown>> {
  const entries = inputs.map((input) =>
    fc.tuple(fc.constant(input.name), fc.integer({ min: 0, max: presence }), valueOf(input)),
  );
  return fc
    .tuple(...entries)
    .map((chosen) =>
      Object.fromEntries(chosen.flatMap(([name, absent, value]) => (absent === 0 ? [] : [[name, value]]))),
    );
}

describe.each(bundles.map((bundle) => [bundle.name, bundle] as const))(
  'the DTO made from %s',
  (_name, bundle) => {
    const readApplication = compileApplicationReader(bundle);
    const dto = createApplicationDto(bundle);

    it('finds a problem exactly when the compiled reader refuses', () => {
      const seldom = (arbitrary: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
        fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
      const body = fc
        .record({
          inputs: valuesOf(bundle.inputs, 400),
          clientId: fc.oneof(
            { weight: 6, arbitrary: fc.constantFrom('client-1', 'A') },
            { weight: 1, arbitrary: oddValue },
          ),
          protected: fc.oneof(
            { weight: 8, arbitrary: valuesOf(bundle.protectedInputs, 1) },
            { weight: 1, arbitrary: oddValue },
          ),
          extra: seldom(
            fc.constantFrom('surname', 'toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', ''),
          ),
        })
        .map(({ inputs, extra, ...rest }) => ({
          ...inputs,
          ...rest,
          ...(typeof extra === 'string' && { [extra]: 1 }),
        }));
      let accepted = 0;
      let refused = 0;
      fc.assert(
        fc.property(body, (value) => {
          const application = readApplication(value);
          if (application) accepted++;
          else refused++;
          expect(findApplicationProblems(dto, bundle, value).length === 0).toBe(application !== undefined);
        }),
        { numRuns: 3_000 },
      );
      // Both answers must have been tried in earnest.
      expect(Math.min(accepted, refused)).toBeGreaterThan(100);
    });

    it('finds a problem in whatever is no object', () => {
      fc.assert(
        fc.property(fc.anything({ maxDepth: 2 }), (value) => {
          expect(findApplicationProblems(dto, bundle, value).length === 0).toBe(
            readApplication(value) !== undefined,
          );
        }),
      );
    });

    it('accepts its own examples, the first thing a newcomer sends', () => {
      const body = Object.fromEntries(bundle.inputs.map((input) => [input.name, input.example]));
      const attributes = Object.fromEntries(
        bundle.protectedInputs.map((input) => [input.name, input.example]),
      );
      expect(
        findApplicationProblems(dto, bundle, { ...body, clientId: 'client-0001', protected: attributes }),
      ).toEqual([]);
    });
  },
);
