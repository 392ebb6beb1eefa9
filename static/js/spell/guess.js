// @ts-check

/**
 * How good a guess is; what separates words does not count.
 *
 * @param {string} guess as typed
 * @param {string} text capitals and spaces
 * @returns {{right: boolean, sentence: string}}
 */
export function judge(guess, text) {
  const guessed = lettersOf(guess);
  const wanted = lettersOf(text);
  if (!guessed) {
    return { right: false, sentence: "Type what you saw." };
  }
  if (guessed === wanted) {
    return { right: true, sentence: `Right: ${text}` };
  }
  const same = longestInCommon(guessed, wanted);
  return { right: false, sentence: `Not yet: ${same} of ${wanted.length} ${wanted.length === 1 ? "letter" : "letters"} right.` };
}

/** @param {string} text */
function lettersOf(text) {
  return text.toUpperCase().normalize("NFKD").replace(/[^A-Z]/g, "");
}

/**
 * How many letters stand in both in the same order: one that was missed does not make all that follow wrong.
 *
 * @param {string} one
 * @param {string} other
 */
function longestInCommon(one, other) {
  let above = new Array(other.length + 1).fill(0);
  for (const letter of one) {
    const row = [0];
    for (let place = 1; place <= other.length; place++) {
      row.push(letter === other[place - 1] ? above[place - 1] + 1 : Math.max(above[place], row[place - 1]));
    }
    above = row;
  }
  return above[other.length];
}
