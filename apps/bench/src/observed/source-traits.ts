/** What the source of a function tells beside its size: how deep its calls go, and what it imports. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { parse } from 'acorn'
import type { AnyNode, Node } from 'acorn'

import type { Traits } from '../learning/asked-run.ts'

/** Functions by name; names are unique in the modules of the workloads. */
type Functions = ReadonlyMap<string, Node>

/** Traits of an exported function of a compiled module. */
export function sourceTraits(
  url: string,
  exportName: string,
): Pick<Traits, 'callDepth' | 'importCount'> {
  const source = readFileSync(fileURLToPath(url), 'utf8')
  const nodes = [...descendants(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }))]
  const functions = namedFunctions(nodes)
  const fn = functions.get(exportName)
  if (!fn) throw new Error(`${url} has no function "${exportName}".`)
  const used = new Set([...reachableFrom(fn, functions)].flatMap(namesIn))
  return {
    callDepth: depthOf(fn, functions, []),
    importCount: importedNames(nodes).filter((name) => used.has(name)).length,
  }
}

function namedFunctions(nodes: readonly AnyNode[]): Functions {
  const functions = new Map<string, Node>()
  for (const node of nodes) {
    if (node.type === 'FunctionDeclaration') functions.set(node.id?.name ?? '', node)
    if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier') continue
    if (node.init && isFunction(node.init)) functions.set(node.id.name, node.init)
  }
  return functions
}

function importedNames(nodes: readonly AnyNode[]): string[] {
  return nodes.flatMap((node) =>
    node.type === 'ImportDeclaration' ? node.specifiers.map(({ local }) => local.name) : [],
  )
}

/** 1 for a function that calls nothing; a call out of the module counts one level, recursion none. */
function depthOf(fn: Node, functions: Functions, callers: readonly Node[]): number {
  if (callers.includes(fn)) return 0
  const chain = [...callers, fn]
  let deepest = 0
  for (const node of ownDescendants(fn, new Set(functions.values()))) {
    if (isFunction(node)) deepest = Math.max(deepest, depthOf(node, functions, chain))
    if (node.type !== 'CallExpression' && node.type !== 'NewExpression') continue
    const callee = node.callee.type === 'Identifier' ? functions.get(node.callee.name) : undefined
    deepest = Math.max(deepest, callee ? depthOf(callee, functions, chain) : 1)
  }
  return 1 + deepest
}

/** The function and those that it names, directly or not. */
function reachableFrom(fn: Node, functions: Functions): Set<Node> {
  const found = new Set([fn])
  for (const each of found) {
    for (const name of namesIn(each)) {
      const named = functions.get(name)
      if (named) found.add(named)
    }
  }
  return found
}

function namesIn(node: Node): string[] {
  return [...descendants(node)].flatMap((each) => (each.type === 'Identifier' ? each.name : []))
}

function* descendants(node: Node): Generator<AnyNode> {
  for (const child of childrenOf(node)) {
    yield child
    yield* descendants(child)
  }
}

/** What the function itself does; a function within is yielded where it has no name, but not entered. */
function* ownDescendants(node: Node, named: ReadonlySet<Node>): Generator<AnyNode> {
  for (const child of childrenOf(node)) {
    if (named.has(child)) continue
    yield child
    if (!isFunction(child)) yield* ownDescendants(child, named)
  }
}

function childrenOf(node: Node): AnyNode[] {
  return Object.values(node).flat().filter(isNode)
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function isFunction({ type }: Node): boolean {
  return type.endsWith('FunctionExpression') || type === 'FunctionDeclaration'
}
