import type { Span } from "../diagnostics/diagnostic.js";

/** The syntax tree: what was written, nothing resolved. Every node has its span. */
interface Syntax {
  readonly span: Span;
}

export interface Identifier extends Syntax {
  readonly text: string;
}

/** A stage's, input's or output's label: a name, a keyword, or a string that may hold `{expr}`. */
export interface Label extends Syntax {
  readonly parts: readonly (string | Expression)[];
  /** How it was written, for the formatter. */
  readonly quoted: boolean;
}

export interface NumberLiteral extends Syntax {
  readonly kind: "number";
  readonly value: number;
  /** Whether it was written without a dot or exponent. */
  readonly integer: boolean;
  /** As written: `1_000`. */
  readonly text: string;
}

/** `3x7`: height, then width. */
export interface SizeLiteral extends Syntax {
  readonly kind: "size";
  readonly height: number;
  readonly width: number;
  readonly text: string;
}

export interface StringLiteral extends Syntax {
  readonly kind: "string";
  readonly value: string;
}

export interface BooleanLiteral extends Syntax {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface ListExpression extends Syntax {
  readonly kind: "list" | "tuple";
  readonly items: readonly Expression[];
}

/** `in` or `it`. */
export interface CurrentExpression extends Syntax {
  readonly kind: "current";
  readonly which: "in" | "it";
}

export interface MemberExpression extends Syntax {
  readonly kind: "member";
  readonly object: Expression;
  readonly member: Identifier;
}

export interface UnaryExpression extends Syntax {
  readonly kind: "unary";
  readonly operator: "-" | "not";
  readonly operand: Expression;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "and"
  | "or"
  | "..";

export interface BinaryExpression extends Syntax {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `(a)`: kept, so that the formatter gives back what the precedence needs. */
export interface GroupExpression extends Syntax {
  readonly kind: "group";
  readonly inner: Expression;
}

/** `first -> stage -> stage`. */
export interface PipelineExpression extends Syntax {
  readonly kind: "pipeline";
  readonly first: Expression;
  readonly stages: readonly StageExpression[];
}

export interface Argument extends Syntax {
  readonly name: Identifier | undefined;
  readonly value: Expression;
}

/** `conv(8, 3x3)`, `relu`, a block, a number function, or the name of a value: the checker tells. */
export interface CallExpression extends Syntax {
  readonly kind: "call";
  readonly label: Label | undefined;
  readonly callee: Identifier;
  /** Undefined when written without parentheses. */
  readonly arguments: readonly Argument[] | undefined;
}

export interface ResidualExpression extends Syntax {
  readonly kind: "residual";
  readonly label: Label | undefined;
  readonly shortcut: Expression | undefined;
  readonly body: Body;
}

export interface IfExpression extends Syntax {
  readonly kind: "if";
  readonly label: Label | undefined;
  readonly condition: Expression;
  readonly then: Body;
  readonly otherwise: Body | IfExpression | undefined;
}

/** `{ … }` as a stage. */
export interface BodyExpression extends Syntax {
  readonly kind: "body";
  readonly label: Label | undefined;
  readonly body: Body;
}

export type StageExpression = CallExpression | ResidualExpression | IfExpression | BodyExpression;

export type Expression =
  | NumberLiteral
  | SizeLiteral
  | StringLiteral
  | BooleanLiteral
  | ListExpression
  | CurrentExpression
  | MemberExpression
  | UnaryExpression
  | BinaryExpression
  | GroupExpression
  | PipelineExpression
  | StageExpression;

export interface Body extends Syntax {
  readonly statements: readonly Statement[];
}

export interface Setting extends Syntax {
  readonly name: Identifier;
  readonly value: Expression;
}

export interface InputStatement extends Syntax {
  readonly kind: "input";
  readonly label: Label;
  readonly alias: Identifier | undefined;
  readonly element: "f32" | "u8";
  readonly shape: readonly Expression[];
  readonly settings: readonly Setting[];
}

export interface OutputStatement extends Syntax {
  readonly kind: "output";
  readonly label: Label;
  readonly value: Expression | undefined;
}

export interface WeightsStatement extends Syntax {
  readonly kind: "weights";
  readonly path: StringLiteral;
  /** Tensors that a program handed over in the place of a file. */
  readonly tensors?: HandedTensors;
}

export interface LabelsStatement extends Syntax {
  readonly kind: "labels";
  /** A file, or a list of strings. */
  readonly value: StringLiteral | ListExpression;
}

export interface AssertStatement extends Syntax {
  readonly kind: "assert";
  readonly condition: Expression;
}

export interface OptimizeStatement extends Syntax {
  readonly kind: "optimize";
  readonly lines: readonly Expression[];
}

export interface ConstStatement extends Syntax {
  readonly kind: "const";
  readonly name: Identifier;
  readonly value: Expression;
}

export interface LetStatement extends Syntax {
  readonly kind: "let";
  readonly names: readonly Identifier[];
  readonly value: Expression;
}

export interface ForStatement extends Syntax {
  readonly kind: "for";
  readonly names: readonly Identifier[];
  /** Whether the names stand in parentheses and take a tuple apart. */
  readonly destructures: boolean;
  readonly list: Expression;
  readonly body: Body;
}

export interface RepeatStatement extends Syntax {
  readonly kind: "repeat";
  readonly count: Expression;
  readonly body: Body;
}

export interface ExpressionStatement extends Syntax {
  readonly kind: "expression";
  readonly expression: Expression;
}

export type Statement =
  | InputStatement
  | OutputStatement
  | WeightsStatement
  | LabelsStatement
  | AssertStatement
  | OptimizeStatement
  | ConstStatement
  | LetStatement
  | ForStatement
  | RepeatStatement
  | ExpressionStatement;

export interface Parameter extends Syntax {
  readonly name: Identifier;
  readonly default: Expression | undefined;
}

export interface ImportItem extends Syntax {
  readonly kind: "import";
  readonly path: StringLiteral;
}

/** A block or a model: named, with parameters and a body. */
export interface DefinitionItem extends Syntax {
  readonly kind: "block" | "model";
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  readonly body: Body;
}

export type Item = ImportItem | ConstStatement | DefinitionItem;

export interface Comment extends Syntax {
  /** With its marks: `// …` or a block comment. */
  readonly text: string;
}

/** A tensor as a program hands it over; who binds weights knows the element types. */
export interface HandedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** Tensors by parameter path. */
export type HandedTensors = Readonly<Record<string, HandedTensor>>;

export interface SourceFile extends Syntax {
  readonly file: string;
  readonly items: readonly Item[];
  readonly comments: readonly Comment[];
  /** The texts that spans of the tree point into, where no reader of files would find them. */
  readonly sources?: ReadonlyMap<string, string>;
}
