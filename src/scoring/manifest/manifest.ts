/** A text in the two languages of the service. */
export interface LocalisedText {
  readonly en: string;
  readonly fr: string;
}

interface InputBase {
  /** Field name in requests and records, camelCase. */
  readonly name: string;
  /** `null` or an absent field means missing. */
  readonly nullable: boolean;
  readonly unit?: string;
  readonly description: string;
  readonly label?: LocalisedText;
}

/** A number within inclusive bounds, in `unit`. */
export interface NumericInput extends InputBase {
  readonly type: 'number' | 'integer';
  readonly minimum: number;
  readonly maximum: number;
  readonly example: number;
}

/** One of a fixed list of strings. */
export interface CategoryInput extends InputBase {
  readonly type: 'category';
  readonly categories: readonly string[];
  readonly example: string;
}

/** What an application carries under one name. */
export type InputDefinition = NumericInput | CategoryInput;

/** A numeric input's name, or a nested transform. */
export type Operand = string | Transform;

/** How a feature is made from inputs; `models/README.md` defines each operation's value. */
export type Transform =
  | { readonly op: 'input'; readonly input: string }
  | { readonly op: 'ratio'; readonly numerator: Operand; readonly denominator: Operand }
  | { readonly op: 'difference'; readonly minuend: Operand; readonly subtrahend: Operand }
  | { readonly op: 'sum' | 'mean' | 'max' | 'min'; readonly of: readonly Operand[] }
  | { readonly op: 'weightedSum'; readonly of: readonly Operand[]; readonly weights: readonly number[] }
  | { readonly op: 'countAtLeast'; readonly of: readonly Operand[]; readonly threshold: number }
  | { readonly op: 'log1p'; readonly of: Operand }
  | { readonly op: 'oneHot'; readonly input: string; readonly category: string }
  | { readonly op: 'ordinal'; readonly input: string };

/** One column of the forest. */
export interface FeatureDefinition {
  readonly name: string;
  readonly transform: Transform;
}

/** Everything the service knows about what goes into a model: the only place that names inputs. */
export interface Manifest {
  /** Scored inputs, in the order of the request schema. */
  readonly inputs: readonly InputDefinition[];
  /** Recorded and monitored for fairness; no feature reads them. */
  readonly protectedInputs: readonly InputDefinition[];
  /** In the forest's column order. */
  readonly features: readonly FeatureDefinition[];
}
