// @ts-check
/** @typedef {import("./formats.js").Run} Run */
/** @typedef {import("./curves.js").Chosen} Chosen */
import { element, setText } from "../shared/caption_view.js";
import { dateTime, duration, make, percent } from "../shared/dom.js";
import { LETTERS, NOTHING, flat, letterName, seconds } from "./formats.js";

const KNOWN = new Set([
  ..."format name kind network title of status process began ended git".split(" "),
  ..."data hyperparameters environment epochs last pictures".split(" "),
]);

/**
 * Precision, recall and F1 of each letter, worst first.
 *
 * @param {number[][]} matrix rows are true letters, columns read ones
 * @param {number} epoch
 */
export function showLetters(matrix, epoch) {
  element("letters").hidden = matrix.length === 0;
  setText(element("letters-epoch"), epoch ? `after epoch ${epoch}` : "");
  const rows = matrix
    .map((row, letter) => {
      const right = row[letter] ?? 0;
      const support = row.reduce((one, other) => one + other, 0);
      const said = matrix.reduce((total, other) => total + (other[letter] ?? 0), 0);
      const taken = row.map((count, read) => ({ count, read })).filter(({ read, count }) => read !== letter && count > 0);
      return {
        letter,
        support,
        precision: said ? right / said : null,
        recall: support ? right / support : null,
        f1: support + said ? (2 * right) / (support + said) : null,
        taken: taken.sort((one, other) => other.count - one.count).slice(0, 3),
      };
    })
    .filter(({ support, precision }) => support > 0 || precision !== null)
    .sort((one, other) => (one.f1 ?? 0) - (other.f1 ?? 0) || other.support - one.support || one.letter - other.letter);
  /** @type {HTMLElement} */ (element("letters-table").querySelector("tbody")).replaceChildren(
    ...rows.map(({ letter, support, precision, recall, f1, taken }) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, LETTERS[letter] ?? letterName(NOTHING)),
        ...[precision, recall, f1].map((value) => make("td", { class: "number" }, percent(value))),
        make("td", { class: "number" }, support),
        make("td", {}, taken.map(({ read, count }) => `${letterName(read)} (${count})`).join(", ") || "–"),
      ),
    ),
  );
}

/** @param {Run | null} run */
export function showAbout(run) {
  element("about").hidden = run === null;
  if (!run) {
    return;
  }
  setText(element("about-title"), run.name);
  /** @type {[string, string][]} */
  const general = [
    ["Kind", run.kind === "train" ? "training" : (run.kind ?? "–")],
    ["Network", [run.network, run.title].filter(Boolean).join(": ")],
    ["Status", run.status ?? "–"],
    ["Began", dateTime(run.began)],
    ["Took", duration(seconds(run))],
    ["Git revision", run.git ?? "none"],
  ];
  if (run.of) {
    general.splice(1, 0, ["Test of", run.of]);
  }
  const rest = Object.fromEntries(Object.entries(run).filter(([name]) => !KNOWN.has(name)));
  /** @type {[string, [string, string][]][]} */
  const lists = [
    ["Run", [...general, ...flat(rest).filter(([name]) => name)]],
    ["Hyperparameters", flat(run.hyperparameters ?? {})],
    ["Data", flat(run.data ?? {})],
    ["Environment", flat(run.environment ?? {})],
  ];
  element("about-lists").replaceChildren(
    ...lists
      .filter(([, pairs]) => pairs.length > 0)
      .map(([title, pairs]) =>
        make(
          "section",
          {},
          make("h3", {}, title),
          make("dl", { class: "facts" }, ...pairs.map(([name, value]) => make("div", {}, make("dt", {}, words(name)), make("dd", {}, value)))),
        ),
      ),
  );
}

/** @param {Chosen[]} chosen */
export function showDifferences(chosen) {
  element("differences").hidden = chosen.length < 2;
  if (chosen.length < 2) {
    return;
  }
  const columns = chosen.map(
    ({ run }) =>
      new Map([
        ["network", run.network ?? "–"],
        ...flat(run.hyperparameters ?? {}),
        ...flat(run.data ?? {}, "data"),
        ["git revision", run.git ?? "none"],
      ]),
  );
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))].filter(
    (name) => new Set(columns.map((column) => column.get(name) ?? "–")).size > 1,
  );
  element("no-difference").hidden = names.length > 0;
  const table = element("differences-table");
  table.hidden = names.length === 0;
  table.replaceChildren(
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        make("th", { scope: "col" }, "Setting"),
        ...chosen.map(({ run, colour }) => make("th", { scope: "col" }, make("span", { class: `swatch run-${colour}` }), run.name)),
      ),
    ),
    make(
      "tbody",
      {},
      ...names.map((name) =>
        make("tr", {}, make("th", { scope: "row" }, words(name)), ...columns.map((column) => make("td", {}, column.get(name) ?? "–"))),
      ),
    ),
  );
}

/** @param {string} name */
function words(name) {
  return name.replace(/[._]+/g, " ");
}
