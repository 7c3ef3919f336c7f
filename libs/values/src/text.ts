/** A stranger's text as it can be kept and shown: without NUL and halves of characters, which no database takes, and cut to `longest` signs. */
export const storable = (text: string, longest = Infinity): string => text.slice(0, longest).toWellFormed().replaceAll('\0', '\ufffd');

/** How deep a JSON text is nested. Whoever walks deeper than some thousands of levels exhausts the stack. */
export const depthOf = (json: string): number => {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (quoted) {
      if (code === 92) at += 1;
      else if (code === 34) quoted = false;
    } else if (code === 34) quoted = true;
    else if (code === 123 || code === 91) most = Math.max(most, (depth += 1));
    else if (code === 125 || code === 93) depth -= 1;
  }
  return most;
};

/** Nobody who means well nests deeper. */
export const deepest = 64;

/** What JSON says; `undefined` if it is none, or is nested deeper than 64 levels. */
export const jsonOf = (text: string): unknown => {
  try {
    if (depthOf(text) > deepest) return undefined;
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** As it may stand in HTML, between tags and in quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
