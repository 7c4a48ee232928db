/**
 * What a function refers to outside itself: in a worker that would be missing, so it is named before
 * any item runs. The parser takes longer to load than a short map takes to run; functions that are
 * seen to be self-contained by their words alone do without it.
 */

import type * as Acorn from 'acorn'
import type { AnyNode, CallExpression, Function as FunctionNode, Pattern } from 'acorn'

import { isGlobal, isTrusted } from './known-names.ts'
import { namesByWords } from './names-by-words.ts'

/** Results for so many sources are kept. */
const MOST_CACHED = 256
const cache = new Map<string, readonly string[]>()

/** Says which of some globals' names mean something else to the function. */
type FindShadowed = (names: readonly string[]) => ReadonlySet<string>

/**
 * Names of what the function takes from the scope it was written in, `this` among them where it is
 * not its own; in the order of their first use.
 *
 * @param source - Source of a function, arrow function, class or method.
 * @param findShadowed - Asked about globals whose names people give to things of their own.
 * @returns `undefined` where the source cannot be parsed on its own.
 */
export function freeVariables(
  source: string,
  findShadowed: FindShadowed = () => new Set(),
): readonly string[] | undefined {
  const outer = namesByWords(source) ?? parsedNames(source)
  const doubtful = outer?.filter(isGlobal)
  if (!outer || !doubtful || doubtful.length === 0) return outer
  const shadowed = findShadowed(doubtful)
  return outer.filter((name) => !isGlobal(name) || shadowed.has(name))
}

/** Names from outside that are not trusted, by the parser. */
function parsedNames(source: string): readonly string[] | undefined {
  const known = cache.get(source)
  if (known) return known
  const program = parse(source)
  if (!program) return undefined
  const names = new ScopeAnalysis().outerNames(program)
  if (cache.size === MOST_CACHED) cache.clear()
  cache.set(source, names)
  return names
}

let acorn: typeof Acorn | undefined

function parse(source: string): AnyNode | undefined {
  acorn ??= process.getBuiltinModule('node:module').createRequire(import.meta.url)(
    'acorn',
  ) as typeof Acorn
  for (const text of [`(${source}\n)`, `({${source}\n})`]) {
    for (const sourceType of ['module', 'script'] as const) {
      try {
        return acorn.parse(text, { ecmaVersion: 'latest', sourceType })
      } catch {
        // The next form: a method is no expression, and sloppy code is no module.
      }
    }
  }
  return undefined
}

interface Scope {
  readonly names: Set<string>
  /** Where `var` and function declarations go. */
  readonly isFunction: boolean
  /** Whether `this` and `arguments` are its own. */
  readonly ownsThis: boolean
  readonly parent: Scope | undefined
}

/** Collects declarations and uses, and resolves the uses when all declarations are known. */
class ScopeAnalysis {
  readonly #uses: { readonly name: string; readonly scope: Scope }[] = []

  outerNames(program: AnyNode): string[] {
    this.#visit(program, { names: new Set(), isFunction: true, ownsThis: false, parent: undefined })
    const free = this.#uses.filter(({ name, scope }) => !isDeclared(name, scope))
    return [...new Set(free.map(({ name }) => name))].filter((name) => !isTrusted(name))
  }

  #visit(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case 'Identifier':
        return this.#use(node.name, scope)
      case 'ThisExpression':
      case 'Super':
        return this.#use('this', scope)
      case 'MetaProperty':
        return node.meta.name === 'import' ? this.#use('import.meta', scope) : undefined
      case 'VariableDeclaration': {
        const target = node.kind === 'var' ? functionScope(scope) : scope
        for (const { id, init } of node.declarations) {
          this.#declare(id, target, scope)
          if (init) this.#visit(init, scope)
        }
        return undefined
      }
      case 'FunctionDeclaration':
        if (node.id) functionScope(scope).names.add(node.id.name)
        return this.#visitFunction(node, scope)
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#visitFunction(node, scope)
      case 'ClassDeclaration':
      case 'ClassExpression': {
        if (node.type === 'ClassDeclaration' && node.id) scope.names.add(node.id.name)
        const inner = nested(scope)
        if (node.id) inner.names.add(node.id.name)
        if (node.superClass) this.#visit(node.superClass, inner)
        return this.#visit(node.body, inner)
      }
      case 'MethodDefinition':
      case 'Property':
        if (node.computed) this.#visit(node.key, scope)
        return this.#visit(node.value, scope)
      case 'PropertyDefinition':
        if (node.computed) this.#visit(node.key, scope)
        return node.value ? this.#visit(node.value, ownThis(scope)) : undefined
      case 'StaticBlock':
        return this.#visitChildren(node, ownThis(scope))
      case 'MemberExpression':
        this.#visit(node.object, scope)
        return node.computed ? this.#visit(node.property, scope) : undefined
      case 'UnaryExpression':
        // `typeof name` asks whether there is such a name.
        if (node.operator === 'typeof' && node.argument.type === 'Identifier') return undefined
        return this.#visit(node.argument, scope)
      case 'CallExpression':
        return isAsyncHelper(node.callee)
          ? this.#visitAsyncBody(node, scope)
          : this.#visitChildren(node, scope)
      case 'LabeledStatement':
        return this.#visit(node.body, scope)
      case 'BreakStatement':
      case 'ContinueStatement':
        return undefined
      case 'CatchClause': {
        const inner = nested(scope)
        if (node.param) this.#declare(node.param, inner, inner)
        return this.#visit(node.body, inner)
      }
      case 'BlockStatement':
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'SwitchStatement':
        return this.#visitChildren(node, nested(scope))
      default:
        return this.#visitChildren(node, scope)
    }
  }

  /**
   * A compiled `async function`: its `this` is passed on to the body, whether that needs it or not. What
   * counts is whether it does.
   */
  #visitAsyncBody({ callee, arguments: passed }: CallExpression, scope: Scope): void {
    this.#visit(callee, scope)
    for (const [place, argument] of passed.entries()) {
      if (argument.type === 'FunctionExpression') this.#visitFunction(argument, scope, false)
      else if (place > 0 || argument.type !== 'ThisExpression') this.#visit(argument, scope)
    }
  }

  #visitFunction(
    node: FunctionNode,
    scope: Scope,
    ownsThis: boolean = node.type !== 'ArrowFunctionExpression',
  ): void {
    const isArrow = node.type === 'ArrowFunctionExpression'
    const names = new Set(isArrow ? [] : ['arguments'])
    const inner = { names, isFunction: true, ownsThis, parent: scope }
    if (node.type === 'FunctionExpression' && node.id) inner.names.add(node.id.name)
    for (const parameter of node.params) this.#declare(parameter, inner, inner)
    this.#visit(node.body, inner)
  }

  /** Declares the names of a pattern; default values and computed keys are uses. */
  #declare(pattern: Pattern, target: Scope, scope: Scope): void {
    switch (pattern.type) {
      case 'Identifier':
        target.names.add(pattern.name)
        return
      case 'ObjectPattern':
        for (const property of pattern.properties) {
          if (property.type === 'RestElement') this.#declare(property.argument, target, scope)
          else {
            if (property.computed) this.#visit(property.key, scope)
            this.#declare(property.value, target, scope)
          }
        }
        return
      case 'ArrayPattern':
        for (const element of pattern.elements) if (element) this.#declare(element, target, scope)
        return
      case 'RestElement':
        return this.#declare(pattern.argument, target, scope)
      case 'AssignmentPattern':
        this.#declare(pattern.left, target, scope)
        return this.#visit(pattern.right, scope)
      default:
        return this.#visit(pattern, scope)
    }
  }

  #visitChildren(node: AnyNode, scope: Scope): void {
    for (const child of Object.values(node).flat() as unknown[]) {
      if (isNode(child)) this.#visit(child, scope)
    }
  }

  #use(name: string, scope: Scope): void {
    this.#uses.push({ name, scope })
  }
}

/** What compilers call in place of an `async function`. */
function isAsyncHelper(callee: AnyNode): boolean {
  return callee.type === 'Identifier' && ['__awaiter', '__async'].includes(callee.name)
}

function isDeclared(name: string, scope: Scope): boolean {
  for (let current: Scope | undefined = scope; current; current = current.parent) {
    const isFound = name === 'this' ? isInnerThis(current) : current.names.has(name)
    if (isFound) return true
  }
  return false
}

/** A task is called without a receiver: only a function inside it has a `this` of its own. */
function isInnerThis(scope: Scope): boolean {
  return scope.ownsThis && scope.parent?.parent !== undefined
}

function functionScope(scope: Scope): Scope {
  return scope.isFunction || !scope.parent ? scope : functionScope(scope.parent)
}

function nested(parent: Scope): Scope {
  return { names: new Set(), isFunction: false, ownsThis: false, parent }
}

function ownThis(parent: Scope): Scope {
  return { names: new Set(), isFunction: true, ownsThis: true, parent }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value
}
