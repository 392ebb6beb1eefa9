// @ts-check

/**
 * Breaking captions into lines so that nobody loses their place, as overlay/captions/layout.py does it in the picture:
 * committed text never moves, the tail that may still change moves nothing, and what came at once is shown a line after
 * the other.
 *
 * @typedef {{text: string, final: boolean}} Run
 * @typedef {Run[]} TextLine
 * @typedef {(text: string) => number} Measure width, in columns
 */

/**
 * The lines of a caption that are shown, oldest first: from the first that nobody can have read yet, else the newest. A
 * caption that is begun while others are unread has the last line meanwhile, and where there is one line only, a second.
 *
 * @param {string[]} earlier finished captions above the current one, in the manner of roll-up captions
 * @param {string} committed final text of the current caption
 * @param {string} partial its tail that may still change
 * @param {{columns: number, lines: number, measure: Measure, unread?: number}} room and how many of the last characters of
 *   final text nobody can have read yet
 * @returns {TextLine[]}
 */
export function layOut(earlier, committed, partial, { columns, lines, measure, unread = 0 }) {
  const result = earlier.flatMap((text) => wrap(text, columns, measure).map((line) => directed([final(line)], text)));
  const above = result.length;
  const current = wrap(committed, columns, measure);
  if (current.length > 0 && /\s$/.test(committed)) {
    // Where no letter would have room after the space, the next line is opened before any comes.
    if (measure(`${current[current.length - 1]} W`) > columns) {
      current.push("");
    } else {
      current[current.length - 1] += " ";
    }
  }
  if (partial && current.length === 0) {
    current.push("");
  }
  const last = current.pop();
  if (last !== undefined) {
    result.push(...current.map((line) => [final(line)]));
    const [tail, ...more] = placeTail(last, partial, columns, measure);
    result.push([...(last ? [final(last)] : []), ...(tail ? [{ text: tail, final: false }] : [])]);
    result.push(...more.map((text) => [{ text, final: false }]));
    result.slice(above).forEach((line) => directed(line, committed + partial));
  }
  const first = firstUnread(result, [...earlier, committed].join(""), unread);
  const newest = Math.max(0, result.length - lines);
  if (first >= newest) {
    return result.slice(newest);
  }
  if (last !== undefined) {
    return [...result.slice(first, first + Math.max(1, lines - 1)), ...result.slice(-1)];
  }
  return result.slice(first, first + lines);
}

/**
 * Number of the first line that holds some of the last `unread` characters of the text; how many there are if none.
 *
 * @param {TextLine[]} lines
 * @param {string} text
 * @param {number} unread
 */
function firstUnread(lines, text, unread) {
  let left = unread > 0 ? letters([...text].slice(-unread).join("")) : 0;
  let first = lines.length;
  while (left > 0 && first > 0) {
    first -= 1;
    for (const run of lines[first]) {
      left -= run.final ? letters(run.text) : 0;
    }
  }
  return first;
}

/** @param {string} text */
function letters(text) {
  return [...text.replace(/\s/g, "")].length;
}

/**
 * Break text at words, greedily; a word longer than a line is broken where the line ends.
 *
 * @param {string} text
 * @param {number} columns
 * @param {Measure} measure
 */
export function wrap(text, columns, measure) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : null;
    if (longer !== null && measure(longer) <= columns) {
      lines[lines.length - 1] = longer;
    } else {
      lines.push(...broken(word, columns, measure));
    }
  }
  return lines;
}

/**
 * The partial text by lines, of which the first goes on in `line`: its first letter may hang over the line's end.
 *
 * @param {string} line
 * @param {string} partial
 * @param {number} columns
 * @param {Measure} measure
 */
function placeTail(line, partial, columns, measure) {
  const letters = lettersOf(partial);
  if (letters.length === 0) {
    return [];
  }
  let cut = 1;
  while (cut < letters.length && measure(line + letters.slice(0, cut + 1).join("")) <= columns) {
    cut += 1;
  }
  return [letters.slice(0, cut).join(""), ...broken(letters.slice(cut).join(""), columns, measure)];
}

/**
 * A word in pieces that fit into a line, each of one letter at least.
 *
 * @param {string} word
 * @param {number} columns
 * @param {Measure} measure
 */
function broken(word, columns, measure) {
  const pieces = [];
  let piece = "";
  for (const letter of lettersOf(word)) {
    if (piece && measure(piece + letter) > columns) {
      pieces.push(piece);
      piece = "";
    }
    piece += letter;
  }
  return piece ? [...pieces, piece] : pieces;
}

/** @type {WeakSet<TextLine>} lines of captions that are read from the right */
const fromRight = new WeakSet();

/**
 * Where a line begins: where its caption does, also if it begins with a word of another script.
 *
 * @param {TextLine} line one that `layOut` gave
 */
export function directionOf(line) {
  return fromRight.has(line) ? "rtl" : "ltr";
}

/**
 * @param {TextLine} line
 * @param {string} caption
 */
function directed(line, caption) {
  if (/^\P{L}*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(caption)) {
    fromRight.add(line);
  }
  return line;
}

const segmenter = new Intl.Segmenter();

/**
 * The letters that a reader sees: an accent is one with its letter, and a flag is one sign.
 *
 * @param {string} text
 */
export function lettersOf(text) {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** @param {string} text */
function final(text) {
  return { text, final: true };
}
