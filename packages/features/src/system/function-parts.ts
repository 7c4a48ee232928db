/**
 * Finds every function of a source, at any depth: function expressions, arrows, methods, accessors,
 * constructors. It follows tokens and brackets and does not parse: where only a parser would know,
 * it guesses, and whoever compiles what it found learns whether it was wrong.
 */
import { type Token, endsOperand, isControlWord, tokensOf } from './source-tokens.ts'

/** What it takes to write the function again as an anonymous one. */
export interface FunctionParts {
  /** The parameters, with their parentheses. */
  readonly parameters: string
  /** The body, with its braces. */
  readonly body: string
}

/** An open bracket, or an arrow whose body is an expression. */
interface Scope {
  readonly opener: string
  readonly start: number
  /** The token before a bracket. */
  readonly before: Token | undefined
  /** Parameters of the function whose body this is; `undefined` where it is no such body. */
  readonly parameters: string | undefined
  /** Conditional operators in it that still wait for their colon. */
  openConditionals: number
}

/** A line that begins with one of these goes on with the expression of the line before. */
const INFIX_WORDS = new Set(['in', 'instanceof'])

/**
 * Every function of a source. `super` and private names, which mean nothing outside a class, are
 * replaced by names of the same length.
 */
export function functionPartsOf(source: string): FunctionParts[] {
  return new FunctionFinder(source).find()
}

class FunctionFinder {
  readonly #found: FunctionParts[] = []
  readonly #scopes: Scope[] = []
  readonly #tokens: readonly Token[]
  /** The source with the replacements, which tokens have the same places in. */
  readonly #text: string
  #previous: Token | undefined
  /** The group in parentheses that was closed last, if it can be a list of parameters. */
  #group: string | undefined
  /** Parameters of the arrow that was met last. */
  #arrowParameters = '()'

  constructor(source: string) {
    this.#tokens = [...tokensOf(source)]
    this.#text = replaceClassWords(source, this.#tokens)
  }

  find(): FunctionParts[] {
    for (const token of this.#tokens) {
      this.#take(token)
      this.#previous = token
    }
    this.#closeArrows(this.#text.length)
    return this.#found
  }

  #take(token: Token): void {
    if (this.#previous?.text === '=>') {
      if (token.text === '{') return this.#open(token, this.#arrowParameters)
      this.#open({ ...token, text: '=>' }, this.#arrowParameters)
    } else if (this.#endsArrow(token)) {
      this.#closeArrows(token.start)
    }
    if (token.kind !== 'mark') return
    switch (token.text) {
      case '(':
      case '[':
      case '${':
        return this.#open(token, undefined)
      case '{':
        return this.#open(token, this.#previous?.text === ')' ? this.#group : undefined)
      case ')':
      case ']':
      case '}':
        return this.#close(token)
      case '=>':
        this.#arrowParameters = this.#parametersBefore(token)
        return
      case '?':
        this.#countConditional(1)
        return
      case ':':
        this.#countConditional(-1)
        return
      default:
    }
  }

  #open(token: Token, parameters: string | undefined): void {
    const { text: opener, start } = token
    this.#scopes.push({ opener, start, before: this.#previous, parameters, openConditionals: 0 })
  }

  #close({ text, end }: Token): void {
    const scope = this.#scopes.pop()
    if (scope === undefined) return
    const whole = this.#text.slice(scope.start, end)
    if (text === ')') this.#group = isControlWord(scope.before) ? undefined : whole
    if (scope.parameters !== undefined) {
      this.#found.push({ parameters: scope.parameters, body: whole })
    }
  }

  /** All arrows that end at the same place: `a => b => a + b`. */
  #closeArrows(end: number): void {
    while (this.#scopes.at(-1)?.opener === '=>') {
      // The loop has just seen that there is one.
      const { start, parameters } = this.#scopes.pop()!
      const body = `{return(${this.#text.slice(start, end)}\n)}`
      this.#found.push({ parameters: parameters ?? '()', body })
    }
  }

  #endsArrow(token: Token): boolean {
    const scope = this.#scopes.at(-1)
    if (scope?.opener !== '=>') return false
    if (token.kind === 'mark') {
      if (token.text === ':') return scope.openConditionals === 0
      return [',', ';', ')', ']', '}'].includes(token.text)
    }
    const isOperand = !INFIX_WORDS.has(token.text)
    const previous = this.#previous
    return token.isOnNewLine && isOperand && previous !== undefined && endsOperand(previous)
  }

  #parametersBefore(arrow: Token): string {
    if (this.#previous?.text === ')') return this.#group ?? '()'
    return `(${this.#previous?.text ?? arrow.text})`
  }

  #countConditional(change: number): void {
    const scope = this.#scopes.at(-1)
    if (scope !== undefined) scope.openConditionals += change
  }
}

/** All words at once: a text made anew for each would take time that grows with the square. */
function replaceClassWords(source: string, tokens: readonly Token[]): string {
  const pieces: string[] = []
  let taken = 0
  for (const { kind, text, start, end } of tokens) {
    if (kind !== 'word') continue
    const replaced = text === 'super' ? 'this ' : text.replace(/^#/, '_')
    if (replaced === text) continue
    pieces.push(source.slice(taken, start), replaced)
    taken = end
  }
  pieces.push(source.slice(taken))
  return pieces.join('')
}
