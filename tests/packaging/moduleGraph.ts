import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';

/** What a module asks for from outside. */
export interface ModuleFacts {
  /** Specifiers of `import ... from`, `export ... from`. */
  staticImports: string[];
  /** Specifiers of `import(...)`; where that is no literal, the source text in angle brackets. */
  dynamicImports: string[];
  /** Relative addresses of `new URL('...', import.meta.url)`. */
  assets: string[];
  /** Positions of `await` outside of every function. */
  topLevelAwaits: number[];
}

/** Reads a module's text. Throws where it is no valid module. */
export function factsOf(name: string, code: string): ModuleFacts {
  const { module, program, errors } = parseSync(name, code, { sourceType: 'module' });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0]!.message}`);
  const facts: ModuleFacts = {
    staticImports: module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    dynamicImports: [],
    assets: [],
    topLevelAwaits: [],
  };
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) facts.staticImports.push(moduleRequest.value);
  }
  let functionDepth = 0;
  const enter = (): void => void functionDepth++;
  const leave = (): void => void functionDepth--;
  const awaits = (node: { start: number }): void => {
    if (functionDepth === 0) facts.topLevelAwaits.push(node.start);
  };
  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': leave,
    FunctionExpression: enter,
    'FunctionExpression:exit': leave,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': leave,
    AwaitExpression: awaits,
    ForOfStatement: (node) => {
      if (node.await) awaits(node);
    },
    VariableDeclaration: (node) => {
      if (node.kind === 'await using') awaits(node);
    },
    ImportExpression: ({ source }) => {
      const literal = source.type === 'Literal' && typeof source.value === 'string' ? source.value : undefined;
      facts.dynamicImports.push(literal ?? `<${code.slice(source.start, source.end)}>`);
    },
    NewExpression: ({ callee, arguments: [address, base] }) => {
      if (callee.type !== 'Identifier' || callee.name !== 'URL' || base === undefined) return;
      if (address?.type === 'Literal' && code.slice(base.start, base.end) === 'import.meta.url') {
        facts.assets.push(String(address.value));
      }
    },
  }).visit(program);
  return facts;
}

/** The modules that `entry` leads to by relative specifiers, static or `all`; their paths relative to `folder`. */
export async function reachableFrom(
  folder: string,
  entry: string,
  follow: 'static' | 'all',
): Promise<Map<string, ModuleFacts>> {
  const found = new Map<string, ModuleFacts>();
  const queue = [join(entry)];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    // A `.wasm` that is imported as a module is a leaf here.
    if (found.has(file) || file.endsWith('.wasm')) continue;
    const facts = factsOf(file, await readFile(join(folder, file), 'utf8'));
    found.set(file, facts);
    const specifiers = follow === 'all' ? [...facts.staticImports, ...facts.dynamicImports] : facts.staticImports;
    const from = dirname(file);
    queue.push(
      ...specifiers.filter((specifier) => specifier.startsWith('.')).map((specifier) => join(from, specifier)),
    );
  }
  return found;
}
