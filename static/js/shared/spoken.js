// @ts-check

const LONG_NUMBER = /(?<![\d.,])\d{7,}(?![\d.,])/gu;
const SPELLED =
  /(?<![\p{L}\p{N}_'’.])(?:\p{L}(?:[ -]\p{L}(?![\p{L}\p{N}_'’]|-[\p{L}\p{N}]{2}))+|(?=[ivx]{2})x{0,3}(?:ix|iv|v?i{0,3})|st)(?![\p{L}\p{N}_'’])/giu;

/**
 * A caption as voices read it well: the rules of `overlay/speech/spoken.py`, which says why.
 *
 * @param {string} text
 * @param {boolean} english whether the voice is: elsewhere "vi" is a word
 */
export function spoken(text, english) {
  let line = text.replace(/[[\]\p{Cc}\s]+/gu, " ").trim();
  if (line === line.toLocaleUpperCase("en")) {
    line = line.toLocaleLowerCase("en");
  }
  line = line.replace(LONG_NUMBER, (number) => [...number].join(" "));
  if (!english) {
    return line;
  }
  return line.replace(SPELLED, (found, at) => {
    const letters = [...found.replace(/[ -]/g, "")].join(", ");
    return line[at + found.length] === " " ? `${letters},` : letters;
  });
}
