// Reads a TypeScript file as far as the tidy rules need it: its strings, its comments, and its code without either.

export type Source = {
  path: string;
  /** The text with comments and the insides of strings blanked, character for character. */
  code: string;
  /** In a template, an expression reads `${}`. */
  strings: string[];
  comments: string[];
  /** What the file imports, re-exports or loads, as written. */
  imports: string[];
  lineCount: number;
};

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
// JSX text is the one place where a quote is no string. A string that is not closed on its line ends there all the
// same, so that costs the rules a line and never the rest of the file.
const string = /'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?/y;
const templateStart = /`(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
const templateRest = /\}(?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y;
const anything = /[\w$]+|[\s\S]/y;

const beforeRegularExpression = /(?:^|[(,=:[!&|?{};+*%~^>-]|\b(?:return|typeof|case|in|of|throw|await|yield))\s*$/;
const beforeSpecifier = /(?:\bfrom|\bimport|\b(?:import|require)\s*\()\s*$/;
const LOOK_BACK_CHARS = 40;

/** A scanner, not a parser: it knows where a string, a comment or a regular expression begins and ends, no more. */
export function readSource(path: string, text: string): Source {
  const source: Source = {
    path,
    code: '',
    strings: [],
    comments: [],
    imports: [],
    lineCount: text.split('\n').length - 1,
  };
  /** The templates we are inside of, each with the open braces of its expression. */
  const templates: { text: string; braces: number }[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const taken = pattern.exec(text)?.[0];
    at += taken?.length ?? 0;
    return taken;
  };
  const follows = (pattern: RegExp): boolean => pattern.test(source.code.slice(-LOOK_BACK_CHARS));
  const addTemplatePart = (template: { text: string; braces: number }, part: string): void => {
    const isOpen = part.endsWith('${');
    template.text += part.slice(1, isOpen ? undefined : -1) + (isOpen ? '}' : '');
    if (isOpen) templates.push(template);
    else source.strings.push(template.text);
    source.code += part[0] + blank(part.slice(1, -1)) + part.at(-1);
  };

  for (let token: string | undefined; at < text.length;) {
    const inside = templates.at(-1);
    if ((token = take(comment)) !== undefined) {
      source.comments.push(token);
      source.code += blank(token);
    } else if ((token = take(string)) !== undefined) {
      const content = token.slice(1, -1);
      source.strings.push(content);
      if (follows(beforeSpecifier)) source.imports.push(content);
      source.code += token[0] + blank(content) + token[0];
    } else if ((token = take(templateStart)) !== undefined) {
      addTemplatePart({ text: '', braces: 0 }, token);
    } else if (inside?.braces === 0 && (token = take(templateRest)) !== undefined) {
      templates.pop();
      addTemplatePart(inside, token);
    } else if (
      text[at] === '/' &&
      follows(beforeRegularExpression) &&
      (token = take(regularExpression)) !== undefined
    ) {
      source.code += blank(token);
    } else {
      token = take(anything)!;
      if (inside && token === '{') inside.braces++;
      if (inside && token === '}') inside.braces--;
      source.code += token;
    }
  }
  return source;
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
