/**
 * Cuts JavaScript into tokens. Whether a slash divides or begins a regular expression is guessed
 * from the token before it, which is right but for code that nobody writes.
 */

/** A piece of source that means something: no blank, no comment. */
export interface Token {
  readonly kind: 'word' | 'literal' | 'mark'
  /** Of a template, each piece between substitutions is a token, and so are `${` and `}`. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** Whether a line ends between the token before and this one. */
  readonly isOnNewLine: boolean
}

const BLANK = /\s*(?:(?:\/\/.*|\/\*[^]*?\*\/)\s*)*/y
const STRING = /'[^'\\\n]*(?:\\[^][^'\\\n]*)*'|"[^"\\\n]*(?:\\[^][^"\\\n]*)*"/y
const TEMPLATE_PIECE = /[^`\\$]*(?:(?:\\[^]|\$(?!\{))[^`\\$]*)*`?/y
const REGULAR_EXPRESSION = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y
const WORD = /[#\p{ID_Start}$_\d][\p{ID_Continue}$\u200c\u200d]*/uy
const SUBSTITUTION = /\$\{/y
const MARK = /=>|\?\.|\?\?|[^]/y

/** After one of these words an operand comes. */
const OPERATOR_WORDS = new Set([
  'await',
  'case',
  'delete',
  'do',
  'else',
  'extends',
  'in',
  'instanceof',
  'new',
  'of',
  'return',
  'throw',
  'typeof',
  'void',
  'yield',
])
/** A group in parentheses after one of these words is followed by a statement. */
const CONTROL_WORDS = new Set(['await', 'catch', 'for', 'if', 'switch', 'while', 'with'])

/** Whether a group in parentheses after this token is no list of parameters or arguments. */
export function isControlWord(token: Token | undefined): boolean {
  return token?.kind === 'word' && CONTROL_WORDS.has(token.text)
}

/** Whether an expression can end with this token. */
export function endsOperand({ kind, text }: Token): boolean {
  if (kind === 'mark') return text === ')' || text === ']' || text === '}'
  return !OPERATOR_WORDS.has(text)
}

/** The tokens of a source in order; of text that is not JavaScript, some pieces of it. */
export function* tokensOf(source: string): Generator<Token> {
  const brackets: { readonly opener: string; readonly before: Token | undefined }[] = []
  let previous: Token | undefined
  let isOperandNext = true
  let isInTemplate = false

  for (let position = 0; position < source.length;) {
    const start = isInTemplate ? position : endOf(BLANK, source, position)
    const [kind, pattern] = isInTemplate
      ? (['literal', TEMPLATE_PIECE] as const)
      : kindAt(source, start, isOperandNext)
    const end = endOf(pattern, source, start)
    const text = source.slice(start, end)
    const isOnNewLine = source.slice(position, start).includes('\n')
    const token: Token = { kind, text, start, end, isOnNewLine }
    position = end

    if (isInTemplate) {
      isInTemplate = false
      isOperandNext = false
    } else if (kind === 'mark' && ['(', '[', '{', '${'].includes(text)) {
      brackets.push({ opener: text, before: previous })
      isOperandNext = true
    } else if (kind === 'mark' && [')', ']', '}'].includes(text)) {
      const bracket = brackets.pop()
      isInTemplate = bracket?.opener === '${'
      isOperandNext = text === ')' && isControlWord(bracket?.before)
    } else if (kind === 'mark' && text === '`') {
      isInTemplate = true
    } else {
      isOperandNext = !endsOperand(token) && previous?.text !== '.'
    }
    // Between two substitutions of a template there may be nothing.
    if (text === '') continue
    yield token
    previous = token
  }
}

function kindAt(
  source: string,
  start: number,
  isOperandNext: boolean,
): readonly [Token['kind'], RegExp] {
  if (matches(STRING, source, start)) return ['literal', STRING]
  if (isOperandNext && matches(REGULAR_EXPRESSION, source, start)) {
    return ['literal', REGULAR_EXPRESSION]
  }
  // Before the words, because a dollar sign can also begin a name.
  if (matches(SUBSTITUTION, source, start)) return ['mark', SUBSTITUTION]
  return matches(WORD, source, start) ? ['word', WORD] : ['mark', MARK]
}

function matches(pattern: RegExp, source: string, start: number): boolean {
  pattern.lastIndex = start
  return pattern.test(source)
}

/** Where the text that a pattern matches from `start` on ends; `start` where it does not match. */
function endOf(pattern: RegExp, source: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(source) ? pattern.lastIndex : start
}
