/**
 * A look at a function's words, for the many functions that take nothing from outside: the parser
 * takes 25 ms and more to load. It follows brackets to know how far a variable reaches, and gives up
 * where the words do not tell.
 */
import { isGlobal, isTrusted } from './known-names.ts'

const KEYWORDS = new Set(
  'async await break case catch const continue delete do else false finally for function if in instanceof let new null of return switch throw true try typeof undefined var void while'.split(
    ' ',
  ),
)

/** Words with neither a single dot nor a digit before them. */
const WORD = /(?<![\w$]|(?<!\.\.)\.)[\p{ID_Start}$_][\p{ID_Continue}$]*/gu

/** What a regular expression may follow: these marks, but for `++` and `--`, and these words. */
const BEFORE_EXPRESSION = String.raw`(?:[(,=:[!&|?{;~^*%<>]|(?<!\+)\+|(?<!-)-|(?<![\w$.])(?:return|typeof|case|in|instanceof|delete|void|throw|new|else|do))\s*`

/** What a division follows: a value, of which a bracket or a word is the end. */
const BEFORE_DIVISION = String.raw`(?:[)\]]|(?<![\w$])(?!(?:await|of|yield)(?![\w$]))[\w$]+)\s*`

/**
 * What is no code: texts, comments, regular expressions, and the names of an object's properties. Last a
 * slash of which it is not known what it begins.
 */
const NO_CODE = new RegExp(
  [
    String.raw`'(?:[^'\\\n]|\\.)*'`,
    String.raw`"(?:[^"\\\n]|\\.)*"`,
    '`(?:[^`\\\\$]|\\\\.|\\$(?!\\{)|\\$\\{[^`\'"{}]*\\})*`',
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[^]*?\*\/`,
    String.raw`(?<=${BEFORE_EXPRESSION})\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*`,
    String.raw`(?<=[{,]\s*)[\w$]+(?=\s*:)`,
    String.raw`(?<!${BEFORE_DIVISION})\/`,
  ].join('|'),
  'g',
)

/** What is between the texts of a template. */
const SUBSTITUTION = /(?<!\\)\$\{([^}]*)\}/g

/**
 * What may be a regular expression after all, and is no part of code: behind the bracket of an `if`, or
 * behind a comment, which hides what is before it.
 */
const DOUBTFUL = /\)\s*\/(?![/*])[^\n]*?['"`\\[{}][^\n]*\/|(?:\*\/|\/\/[^\n]*\n)\s*\/(?![/*])/

/** Names, or patterns of names, without defaults and other names. */
const NAMES = String.raw`[\w$\s,.{}[\]]*`

/** `item =>`, `(item, { width }) =>`, `function name(item) {`. */
const HEAD = new RegExp(
  String.raw`^(?:async\s+)?(?:([\w$]+)\s*=>|(?:function\s*([\w$]*)\s*)?\((${NAMES})\)\s*(?:=>|\{))`,
)

const TOKEN = new RegExp(
  [
    String.raw`(?<arrow>[\w$]+|\(${NAMES}\))\s*=>\s*(?<block>\{)?`,
    String.raw`\b(?:let|const|var)\s+(?<variables>[\w$]+|[{[][\w$\s,.]*[}\]])`,
    String.raw`(?<loop>(?<![\w$.])for\s*(?:await\s*)?\()`,
    String.raw`(?<opening>[({[])`,
    String.raw`(?<closing>[)}\]])`,
    String.raw`(?<mark>[,;:]|\n(?!\s*[?:.&|*%<>=^])|(?<!\?)\?(?![.?]))`,
    `(?<word>${WORD.source})`,
  ].join('|'),
  'gu',
)

/** A part of the code, and the names that are declared in it. */
interface Reach {
  readonly names: Set<string>
  /** The bracket that opened it, that of a loop's head, or that it is a body without brackets. */
  readonly kind: '(' | '[' | '{' | 'head of a loop' | 'body of a loop' | 'body of an arrow'
  /** Where its code begins. */
  readonly from: number
  /** Conditions of `? :` that still lack their second part. */
  conditions: number
}

/**
 * Names that are not declared in the function nor trusted: none, or globals that may be hidden.
 *
 * @returns `undefined` where it takes a parser to tell.
 */
export function namesByWords(source: string): readonly string[] | undefined {
  let isDoubtful = DOUBTFUL.test(source)
  const code = source.replaceAll(NO_CODE, (text) => {
    if (text === '/') isDoubtful = true
    return text.startsWith('`')
      ? ` ${[...text.matchAll(SUBSTITUTION)].map(([, part]) => part).join(' ')} `
      : ' '
  })
  // Of a template that is not as simple, a quote may be a part.
  if (isDoubtful || (code.includes('`') && /['"]/.test(source))) return undefined
  const head = HEAD.exec(code)
  if (!head) return undefined
  const parameters = head.slice(1).flatMap(wordsOf)
  return new Reaches(parameters).outerNames(code.slice(head[0].length))
}

class Reaches {
  readonly #stack: Reach[] = []
  /** Names that the next block begins with. */
  #carried: readonly string[] = []

  constructor(parameters: readonly string[]) {
    this.#open('{', parameters, 0)
  }

  outerNames(code: string): readonly string[] | undefined {
    const outer = new Set<string>()
    for (const { index, groups = {}, 0: text } of code.matchAll(TOKEN)) {
      const { arrow, block, variables, loop, opening, closing, mark, word } = groups
      const end = index + text.length
      if (this.#stack.length === 0) {
        if (text === '\n') continue
        return undefined
      }
      if (arrow) this.#open(block ? '{' : 'body of an arrow', wordsOf(arrow), end)
      else if (variables) for (const name of wordsOf(variables)) this.#top?.names.add(name)
      else if (loop) this.#open('head of a loop', [], end)
      else if (opening) this.#open(opening as '(', this.#takeCarried(), end)
      else if (closing) this.#close(code, end)
      else if (mark) this.#mark(mark, index)
      else if (word && !this.#isKnown(word)) {
        if (!isGlobal(word)) return undefined
        outer.add(word)
      }
    }
    return [...outer]
  }

  get #top(): Reach | undefined {
    return this.#stack.at(-1)
  }

  #open(kind: Reach['kind'], names: readonly string[], from: number): void {
    this.#stack.push({ kind, names: new Set(names), from, conditions: 0 })
  }

  #takeCarried(): readonly string[] {
    const names = this.#carried
    this.#carried = []
    return names
  }

  #close(code: string, end: number): void {
    this.#endBodies()
    const closed = this.#stack.pop()
    if (closed?.kind === 'head of a loop') {
      const from = end + code.slice(end).search(/\S|$/)
      if (code[from] === '{') this.#carried = [...closed.names]
      else this.#open('body of a loop', [...closed.names], from)
    } else if (closed?.kind === '{') this.#end('body of a loop')
  }

  /** A comma, a colon, a semicolon or a line that is not continued may end bodies that no bracket ends. */
  #mark(mark: string, index: number): void {
    const top = this.#top
    if (!top) return
    if (mark === '?') top.conditions++
    else if (mark === ':' && top.conditions > 0) top.conditions--
    else if (mark === '\n') this.#endLine(index)
    else if (mark === ';') this.#endBodies()
    else this.#end('body of an arrow')
  }

  /** Within parentheses and square brackets a line may go on. */
  #endLine(index: number): void {
    const bracket = this.#stack.findLast(({ kind }) => !kind.startsWith('body'))
    const isFresh = this.#top !== undefined && index < this.#top.from
    if (bracket?.kind === '{' && !isFresh) this.#endBodies()
  }

  #endBodies(): void {
    this.#end('body of a loop', 'body of an arrow')
  }

  #end(...kinds: Reach['kind'][]): void {
    while (this.#top && kinds.includes(this.#top.kind)) this.#stack.pop()
  }

  #isKnown(word: string): boolean {
    return KEYWORDS.has(word) || isTrusted(word) || this.#stack.some(({ names }) => names.has(word))
  }
}

function wordsOf(names = ''): string[] {
  return [...names.matchAll(WORD)].map(([word]) => word)
}
