// Reads paths of .ts and .vue files from standard input, one a line, and prints the length of every
// function in them as JSON: [{path, function, line, lines}]. For tools/size_budget.py.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { parse } from "vue/compiler-sfc";

interface Size {
  path: string;
  function: string;
  line: number;
  lines: number;
}

/** The scripts of a file with the line on which each begins. */
function scripts(path: string): { text: string; offset: number }[] {
  const text = readFileSync(path, "utf8");
  if (!path.endsWith(".vue")) return [{ text, offset: 0 }];
  const { script, scriptSetup } = parse(text).descriptor;
  return [script, scriptSetup]
    .filter((block) => block !== null)
    .map((block) => ({ text: block.content, offset: block.loc.start.line - 1 }));
}

/** A describe block groups tests; it is a chapter, not a function. */
function isChapter(node: ts.Node): boolean {
  return (
    ts.isCallExpression(node.parent) &&
    /^describe\b/.test(node.parent.expression.getText()) &&
    node.parent.arguments.includes(node as ts.Expression)
  );
}

function nameOf(node: ts.FunctionLikeDeclaration): string {
  if (ts.isConstructorDeclaration(node)) return "constructor";
  const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
  if (named !== undefined) return named.getText();
  if (ts.isPropertyAssignment(node.parent)) return node.parent.name.getText();
  return "(anonymous)";
}

function measure(path: string): Size[] {
  return scripts(path).flatMap(({ text, offset }) => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
    const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
    const found: Size[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined && !isChapter(node)) {
        const first = lineAt(node.getStart());
        const name = nameOf(node as ts.FunctionLikeDeclaration);
        found.push({ path, function: name, line: first + offset, lines: lineAt(node.getEnd()) - first + 1 });
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
}

const paths = readFileSync(0, "utf8").split("\n").filter(Boolean);
process.stdout.write(JSON.stringify(paths.flatMap(measure)));
