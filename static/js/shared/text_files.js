// @ts-check
import { Refusal } from "./api.js";

/** @typedef {import("./feed.js").Captions} Captions */
/** @typedef {"txt" | "vtt" | "srt"} Kind */

/**
 * All final text: a line for each caption, an empty one where Signcap was started again.
 *
 * @param {Captions} captions
 */
export function allText({ cues, committed }) {
  const lines = cues.flatMap((cue, place) => (place > 0 && cues[place - 1].run !== cue.run ? ["", cue.text] : [cue.text]));
  if (committed.trim()) {
    lines.push(committed.trim());
  }
  return lines.join("\n");
}

/**
 * Put text into the clipboard.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether the browser let us
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

/**
 * For browsers, and pages inside other programs, that keep the clipboard to themselves.
 *
 * @param {string} text
 */
function copyTheOldWay(text) {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  document.body.append(area);
  area.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  area.remove();
  if (focused instanceof HTMLElement) {
    focused.focus();
  }
  return copied;
}

/**
 * Save this run's captions as a file, made by Signcap with their times.
 *
 * @param {Kind} kind
 * @returns {Promise<string>} the file's name
 */
export async function save(kind) {
  return download(`/api/v1/captions.${kind}`, `captions.${kind}`);
}

/**
 * Save a file that Signcap makes.
 *
 * @param {string} path
 * @param {string} otherwise its name where Signcap gives none
 * @returns {Promise<string>} its name
 */
export async function download(path, otherwise) {
  const response = await fetch(path);
  if (!response.ok) {
    const answer = await response.json();
    throw new Refusal(response.status, answer.error);
  }
  const told = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
  const name = told?.[1] ?? otherwise;
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // browsers may ask where to put it first
  return name;
}
