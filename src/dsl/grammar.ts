import { type CstNode, CstParser, type IToken, type ParserMethod } from "chevrotain";
import { expectations } from "./grammar-messages.js";
import * as t from "./tokens.js";

/** One rule per construct of the language, two tokens of lookahead. */
export class CnnParser extends CstParser {
  #operators: { ALT: () => IToken }[] | undefined;

  /** Validating the grammar costs more than parsing; a test does it once. */
  constructor(skipValidations = true) {
    super(t.vocabulary, {
      skipValidations,
      maxLookahead: 2,
      recoveryEnabled: true,
      nodeLocationTracking: "onlyOffset",
      errorMessageProvider: expectations,
    });
    this.performSelfAnalysis();
  }

  readonly file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.item));
  });

  readonly item = this.RULE("item", () => {
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.importItem) },
        { ALT: () => this.SUBRULE(this.constStatement) },
        { ALT: () => this.SUBRULE(this.definition) },
      ],
      ERR_MSG: "'import', 'const', 'block' or 'model'",
    });
    this.OPTION(() => this.CONSUME(t.Semicolon));
  });

  readonly importItem = this.RULE("importItem", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.Text);
  });

  readonly definition = this.RULE("definition", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Block) }, { ALT: () => this.CONSUME(t.Model) }]);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.parameters));
    this.SUBRULE(this.body);
  });

  readonly parameters = this.RULE("parameters", () => {
    this.CONSUME(t.OpenParen);
    this.#separated(this.parameter);
    this.CONSUME(t.CloseParen);
  });

  readonly parameter = this.RULE("parameter", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.Assign);
      this.SUBRULE(this.expression);
    });
  });

  readonly body = this.RULE("body", () => {
    this.CONSUME(t.OpenBrace);
    this.MANY(() => {
      this.SUBRULE(this.statement);
      this.OPTION(() => this.CONSUME(t.Semicolon));
    });
    this.CONSUME(t.CloseBrace);
  });

  readonly statement = this.RULE("statement", () => {
    this.OR({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => this.#labelled(), ALT: () => this.SUBRULE(this.expression) },
        { ALT: () => this.SUBRULE(this.inputStatement) },
        { ALT: () => this.SUBRULE(this.outputStatement) },
        { ALT: () => this.SUBRULE(this.weightsStatement) },
        { ALT: () => this.SUBRULE(this.labelsStatement) },
        { ALT: () => this.SUBRULE(this.assertStatement) },
        { ALT: () => this.SUBRULE(this.optimizeStatement) },
        { ALT: () => this.SUBRULE(this.constStatement) },
        { ALT: () => this.SUBRULE(this.letStatement) },
        { ALT: () => this.SUBRULE(this.forStatement) },
        { ALT: () => this.SUBRULE(this.repeatStatement) },
        { ALT: () => this.SUBRULE2(this.expression) },
      ],
      ERR_MSG: "a statement",
    });
  });

  readonly inputStatement = this.RULE("inputStatement", () => {
    this.CONSUME(t.Input);
    this.SUBRULE(this.label);
    this.OPTION(() => {
      this.CONSUME(t.As);
      this.CONSUME(t.Identifier);
    });
    this.CONSUME(t.Colon);
    this.SUBRULE(this.type);
    this.OPTION2(() => this.SUBRULE(this.settings));
  });

  readonly type = this.RULE("type", () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.OpenBracket);
    this.OPTION(() => {
      this.SUBRULE(this.expression);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.expression);
      });
    });
    this.CONSUME(t.CloseBracket);
  });

  readonly settings = this.RULE("settings", () => {
    this.CONSUME(t.OpenBrace);
    this.#separated(this.setting);
    this.CONSUME(t.CloseBrace);
  });

  readonly setting = this.RULE("setting", () => {
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  readonly outputStatement = this.RULE("outputStatement", () => {
    this.CONSUME(t.Output);
    this.SUBRULE(this.label);
    this.OPTION(() => {
      this.CONSUME(t.Assign);
      this.SUBRULE(this.expression);
    });
  });

  readonly label = this.RULE("label", () => {
    this.OR({
      DEF: [{ ALT: () => this.CONSUME(t.Word) }, { ALT: () => this.CONSUME(t.Text) }],
      ERR_MSG: "a name or a string",
    });
  });

  readonly weightsStatement = this.RULE("weightsStatement", () => {
    this.CONSUME(t.Weights);
    this.CONSUME(t.Text);
  });

  readonly labelsStatement = this.RULE("labelsStatement", () => {
    this.CONSUME(t.Labels);
    this.OR({
      DEF: [{ ALT: () => this.CONSUME(t.Text) }, { ALT: () => this.SUBRULE(this.list) }],
      ERR_MSG: "a string or a list",
    });
  });

  readonly assertStatement = this.RULE("assertStatement", () => {
    this.CONSUME(t.Assert);
    this.SUBRULE(this.expression);
  });

  readonly optimizeStatement = this.RULE("optimizeStatement", () => {
    this.CONSUME(t.Optimize);
    this.CONSUME(t.OpenBrace);
    this.MANY(() => {
      this.SUBRULE(this.expression);
      this.OPTION(() => this.CONSUME(t.Semicolon));
    });
    this.CONSUME(t.CloseBrace);
  });

  readonly constStatement = this.RULE("constStatement", () => {
    this.CONSUME(t.Const);
    this.CONSUME(t.Identifier);
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  readonly letStatement = this.RULE("letStatement", () => {
    this.CONSUME(t.Let);
    this.CONSUME(t.Identifier);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.CONSUME2(t.Identifier);
    });
    this.CONSUME(t.Assign);
    this.SUBRULE(this.expression);
  });

  readonly forStatement = this.RULE("forStatement", () => {
    this.CONSUME(t.For);
    this.SUBRULE(this.pattern);
    this.CONSUME(t.In);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.body);
  });

  readonly pattern = this.RULE("pattern", () => {
    this.OR({
      DEF: [
        { ALT: () => this.CONSUME(t.Identifier) },
        {
          ALT: () => {
            this.CONSUME(t.OpenParen);
            this.CONSUME2(t.Identifier);
            this.MANY(() => {
              this.CONSUME(t.Comma);
              this.CONSUME3(t.Identifier);
            });
            this.CONSUME(t.CloseParen);
          },
        },
      ],
      ERR_MSG: "a name or '(' with names",
    });
  });

  readonly repeatStatement = this.RULE("repeatStatement", () => {
    this.CONSUME(t.Repeat);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.body);
  });

  /** Operators stand here in a row; build-expression.ts knows which binds tighter. */
  readonly expression = this.RULE("expression", () => {
    this.SUBRULE(this.operand);
    this.MANY({
      GATE: () => this.LA(2).tokenType !== t.Colon,
      DEF: () => {
        this.SUBRULE(this.operator);
        this.SUBRULE2(this.operand);
      },
    });
    this.MANY2(() => {
      this.CONSUME(t.Arrow);
      this.SUBRULE(this.stage);
    });
  });

  readonly operator = this.RULE("operator", () => {
    this.#operators ??= t.binaryOperators.map((type) => ({ ALT: () => this.CONSUME(type) }));
    this.OR(this.#operators);
  });

  readonly operand = this.RULE("operand", () => {
    this.MANY({
      GATE: () => this.LA(2).tokenType !== t.Colon,
      DEF: () =>
        this.OR([{ ALT: () => this.CONSUME(t.Minus) }, { ALT: () => this.CONSUME(t.Not) }]),
    });
    this.SUBRULE(this.primary);
    this.MANY2(() => {
      this.CONSUME(t.Dot);
      this.CONSUME(t.Identifier);
    });
  });

  readonly primary = this.RULE("primary", () => {
    this.OR({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => this.#labelled(), ALT: () => this.SUBRULE(this.stage) },
        { ALT: () => this.CONSUME(t.Integer) },
        { ALT: () => this.CONSUME(t.Float) },
        { ALT: () => this.CONSUME(t.Size) },
        { ALT: () => this.CONSUME(t.Text) },
        { ALT: () => this.CONSUME(t.True) },
        { ALT: () => this.CONSUME(t.False) },
        { ALT: () => this.CONSUME(t.In) },
        { ALT: () => this.CONSUME(t.It) },
        { ALT: () => this.SUBRULE(this.list) },
        { ALT: () => this.SUBRULE(this.tuple) },
        { ALT: () => this.SUBRULE2(this.stage) },
      ],
      ERR_MSG: "a stage or a value",
    });
  });

  readonly stage = this.RULE("stage", () => {
    this.OPTION(() => {
      this.SUBRULE(this.label);
      this.CONSUME(t.Colon);
    });
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.call) },
        { ALT: () => this.SUBRULE(this.residual) },
        { ALT: () => this.SUBRULE(this.ifExpression) },
        { ALT: () => this.SUBRULE(this.body) },
      ],
      ERR_MSG: "a stage",
    });
  });

  readonly call = this.RULE("call", () => {
    this.CONSUME(t.Identifier);
    this.OPTION({
      GATE: () => this.LA(1).startLine === this.LA(0).endLine,
      DEF: () => this.SUBRULE(this.arguments),
    });
  });

  readonly arguments = this.RULE("arguments", () => {
    this.CONSUME(t.OpenParen);
    this.#separated(this.argument);
    this.CONSUME(t.CloseParen);
  });

  readonly argument = this.RULE("argument", () => {
    this.OPTION(() => {
      this.CONSUME(t.Identifier);
      this.CONSUME(t.Assign);
    });
    this.SUBRULE(this.expression);
  });

  readonly residual = this.RULE("residual", () => {
    this.CONSUME(t.Residual);
    this.OPTION(() => {
      this.CONSUME(t.OpenParen);
      this.SUBRULE(this.expression);
      this.CONSUME(t.CloseParen);
    });
    this.SUBRULE(this.body);
  });

  /** A chain of `else if` is one rule, so that its length costs no depth. */
  readonly ifExpression = this.RULE("ifExpression", () => {
    this.CONSUME(t.If);
    this.SUBRULE(this.expression);
    this.SUBRULE(this.body);
    this.MANY(() => {
      this.CONSUME(t.Else);
      this.CONSUME2(t.If);
      this.SUBRULE2(this.expression);
      this.SUBRULE2(this.body);
    });
    this.OPTION(() => {
      this.CONSUME2(t.Else);
      this.SUBRULE3(this.body);
    });
  });

  readonly list = this.RULE("list", () => {
    this.CONSUME(t.OpenBracket);
    this.#separated(this.expression);
    this.CONSUME(t.CloseBracket);
  });

  /** With a comma a tuple, without one a group. */
  readonly tuple = this.RULE("tuple", () => {
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.expression);
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.expression);
    });
    this.OPTION(() => this.CONSUME2(t.Comma));
    this.CONSUME(t.CloseParen);
  });

  /** What stands between the braces of a label's `{expr}`. */
  readonly interpolation = this.RULE("interpolation", () => {
    this.SUBRULE(this.expression);
  });

  /** Elements with commas between them, and perhaps one after the last. */
  #separated(element: ParserMethod<[], CstNode>): void {
    this.OPTION(() => {
      this.SUBRULE(element);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(element);
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
    });
  }

  #labelled(): boolean {
    return this.LA(2).tokenType === t.Colon;
  }
}
