"use strict";

// The rows as they are embedded, and which of them a choice of filters lets through.
// An item is a question with its answers `x`; see browse.py for the keys.

const VERDICTS = { c: "correct", w: "wrong", u: "unparsed" };
const KEPT = "kept";
const CUT = "cut";

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

async function unpack(base64) {
  const bytes = bytesOf(base64);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

const piecesOf = (text) => (typeof text === "string" ? [text] : text);

const plain = (text) =>
  piecesOf(text)
    .map((piece) => (typeof piece === "string" ? piece : piece[0]))
    .join("");

const hasWrongStep = (answer) => typeof answer.t !== "string";

// Who gave an answer: the arm, or of samples the teacher and what it was told, where these vary.
const whoOf = (answer) => answer.b ?? answer.n;

const isRight = (answer) => answer.v === "c";

// What two students may do on one question. Two answers that cannot be read are never the same.
const OUTCOMES = {
  disagree: [() => "one right, one not", (a, b) => isRight(a) !== isRight(b)],
  "only-a": [(a) => `only ${a} right`, (a, b) => isRight(a) && !isRight(b)],
  "only-b": [(a, b) => `only ${b} right`, (a, b) => !isRight(a) && isRight(b)],
  both: [() => "both right", (a, b) => isRight(a) && isRight(b)],
  neither: [() => "neither right", (a, b) => !isRight(a) && !isRight(b)],
  answers: [() => "answers differ", (a, b) => a.e === undefined || b.e === undefined || a.e !== b.e],
};

// Tests of all answers of a question together.
const TOGETHER = {
  "all-correct": ["all correct", (answers) => answers.every(isRight)],
  mixed: ["some correct, some not", (answers) => answers.some(isRight) && !answers.every(isRight)],
  "none-correct": ["none correct", (answers) => !answers.some(isRight)],
};

// Tests of the majority of samples, which is of all of them.
const MAJORITY = {
  "majority-correct": ["majority correct", (item) => item.m?.[3] === "c"],
  "majority-wrong": ["majority not correct", (item) => item.m && item.m[3] !== "c"],
  "majority-missed": [
    "majority not correct, one sample is",
    (item) => item.m && item.m[3] !== "c" && item.x.some(isRight),
  ],
};

function isWantedAnswer(answer, choice) {
  return (
    (!choice.who || whoOf(answer) === choice.who) &&
    (!VERDICTS[choice.verdict] || answer.v === choice.verdict) &&
    (choice.verdict !== CUT || answer.f) &&
    (!choice.why || (choice.why === KEPT ? !answer.d : answer.d === choice.why)) &&
    (!choice.step || hasWrongStep(answer)) &&
    (!choice.growth || answer.w !== undefined)
  );
}

// An item is found where one of its answers meets all that is asked of an answer, and all of them
// together meet the rest.
function isFound(item, choice) {
  if (!item.x.some((answer) => isWantedAnswer(answer, choice))) return false;
  if (TOGETHER[choice.verdict]) {
    const own = item.x.filter((answer) => !choice.who || whoOf(answer) === choice.who);
    if (!TOGETHER[choice.verdict][1](own)) return false;
  }
  if (MAJORITY[choice.verdict] && !MAJORITY[choice.verdict][1](item)) return false;
  if (OUTCOMES[choice.how]) {
    const a = item.x.find((answer) => answer.n === choice.a);
    const b = item.x.find((answer) => answer.n === choice.b);
    if (!a || !b || !OUTCOMES[choice.how][1](a, b)) return false;
  }
  return !choice.needle || haystack(item).includes(choice.needle);
}

// All text of an item in lower case, made when it is first searched.
function haystack(item) {
  item.h ??= [item.id, item.q, item.a, ...item.x.map((answer) => `${answer.e ?? ""}\n${plain(answer.t)}`)]
    .join("\n")
    .toLowerCase();
  return item.h;
}

// How often each value occurs, most frequent first.
function countValues(values) {
  const counts = new Map();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
