export type NameLookup = (name: string) => number;

/** A size that is calculated from others. */
export interface SizeFormula {
  /** The names that stand in it. */
  readonly names: readonly string[];
  evaluate(sizeOf: NameLookup): number;
}

type Evaluate = SizeFormula['evaluate'];

const FUNCTIONS: Readonly<Record<string, (...values: number[]) => number>> = {
  floor: Math.floor,
  ceiling: Math.ceil,
  ceil: Math.ceil,
  Max: Math.max,
  max: Math.max,
  Min: Math.min,
  min: Math.min,
};

const TOKEN = /\s*(\d+(?:\.\d+)?|[A-Za-z_][\w.:]*|\/\/|\*\*|[-+*/%(),])/y;

/** Deeper formulas are no sizes. */
const DEEPEST = 64;

/**
 * Reads a size as shape inference writes it: `floor(H/2) - 1`, `batch*8`, `(W + 1)//2`.
 *
 * @returns undefined for what is no such formula
 */
export function sizeFormula(text: string): SizeFormula | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const parser = new Parser(tokens);
  const evaluate = parser.whole();
  return evaluate === undefined ? undefined : { names: [...parser.names], evaluate };
}

function tokensOf(text: string): readonly string[] | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const end = text.trimEnd().length;
  for (let at = 0; at < end; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) return undefined;
    tokens.push(found[1]!);
  }
  return tokens;
}

/** sum = product (± product)…, product = factor (∗ factor)…, factor = −factor or a power. */
class Parser {
  readonly names = new Set<string>();
  private next = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly string[]) {}

  whole(): Evaluate | undefined {
    const sum = this.sum();
    return this.next === this.tokens.length ? sum : undefined;
  }

  private sum(): Evaluate | undefined {
    if (++this.depth > DEEPEST) return undefined;
    const sum = this.chain(['+', '-'], () => this.chain(['*', '/', '//', '%'], () => this.factor()));
    this.depth--;
    return sum;
  }

  private chain(operators: readonly string[], part: () => Evaluate | undefined): Evaluate | undefined {
    let left = part();
    for (let operator = this.tokens[this.next] ?? ''; operators.includes(operator); ) {
      this.next++;
      left = combined(operator, left, part());
      operator = this.tokens[this.next] ?? '';
    }
    return left;
  }

  private factor(): Evaluate | undefined {
    let sign = 1;
    for (; this.tokens[this.next] === '-'; this.next++) sign = -sign;
    const base = this.primary();
    if (base === undefined) return undefined;
    if (this.tokens[this.next] !== '**') return (sizeOf) => sign * base(sizeOf);
    this.next++;
    const exponent = this.primary();
    return exponent === undefined ? undefined : (sizeOf) => sign * base(sizeOf) ** exponent(sizeOf);
  }

  private primary(): Evaluate | undefined {
    const token = this.tokens[this.next++];
    if (token === undefined) return undefined;
    if (/^\d/.test(token)) return () => Number(token);
    if (token === '(') return this.closed(this.sum());
    if (!/^[A-Za-z_]/.test(token)) return undefined;
    if (this.tokens[this.next] !== '(') {
      this.names.add(token);
      return (sizeOf) => sizeOf(token);
    }
    this.next++;
    const calculate = Object.hasOwn(FUNCTIONS, token) ? FUNCTIONS[token] : undefined;
    const values = [this.sum()];
    while (this.tokens[this.next] === ',') {
      this.next++;
      values.push(this.sum());
    }
    if (calculate === undefined || !values.every((value) => value !== undefined)) return undefined;
    return this.closed((sizeOf) => calculate(...values.map((value) => value(sizeOf))));
  }

  private closed(inner: Evaluate | undefined): Evaluate | undefined {
    return this.tokens[this.next++] === ')' ? inner : undefined;
  }
}

function combined(operator: string, a: Evaluate | undefined, b: Evaluate | undefined): Evaluate | undefined {
  if (a === undefined || b === undefined) return undefined;
  switch (operator) {
    case '+':
      return (sizeOf) => a(sizeOf) + b(sizeOf);
    case '-':
      return (sizeOf) => a(sizeOf) - b(sizeOf);
    case '*':
      return (sizeOf) => a(sizeOf) * b(sizeOf);
    case '/':
      return (sizeOf) => a(sizeOf) / b(sizeOf);
    case '//':
      return (sizeOf) => Math.floor(a(sizeOf) / b(sizeOf));
    case '%':
      return (sizeOf) => a(sizeOf) % b(sizeOf);
    default:
      return undefined;
  }
}
