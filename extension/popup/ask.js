// @ts-check

/**
 * Ask the worker for something, or to do something.
 *
 * @param {string} type
 * @param {object} [more]
 * @returns {Promise<any>}
 * @throws {Error} with a sentence for people
 */
export async function ask(type, more = {}) {
  const answer = await chrome.runtime.sendMessage({ ...more, type });
  if (answer?.error) {
    throw new Error(answer.error.message);
  }
  return answer?.value;
}
