"use strict";

// Word by word: which words of two texts are alike.
// Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986).

const MOST_EDITS = 1200; // beyond them the texts have little in common, and the search grows long

// Words, numbers and single signs, each with the white space after it, which is not compared.
function wordsOf(text) {
  return Array.from(text.matchAll(/([\p{L}\p{M}_]+|\p{N}+(?:[.,]\p{N}+)*|[^\s])(\s*)|^\s+/gu), (found) => ({
    word: found[1] ?? "",
    text: found[0],
  }));
}

// Returns for each word of `a` and of `b` whether it is part of a longest common subsequence, and
// whether the search was given up.
function alignWords(a, b) {
  const inA = new Array(a.length).fill(false);
  const inB = new Array(b.length).fill(false);
  let start = 0;
  let endA = a.length;
  let endB = b.length;
  while (start < endA && start < endB && a[start] === b[start]) inA[start] = inB[start++] = true;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) inA[--endA] = inB[--endB] = true;
  const pairs = middlePairs(a.slice(start, endA), b.slice(start, endB));
  for (const [x, y] of pairs ?? []) inA[start + x] = inB[start + y] = true;
  return { inA, inB, givenUp: pairs === null };
}

// The furthest x on each diagonal k = x - y after d edits; a step back through them gives the pairs.
function middlePairs(a, b) {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const furthest = new Int32Array(2 * most + 3);
  const history = [];
  for (let d = 0; d <= most; d += 1) {
    history.push(furthest.slice(most + 1 - d, most + 2 + d));
    for (let k = -d; k <= d; k += 2) {
      const at = most + 1 + k;
      const down = k === -d || (k !== d && furthest[at - 1] < furthest[at + 1]);
      let x = d === 0 ? 0 : down ? furthest[at + 1] : furthest[at - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[at] = x;
      if (x >= a.length && x - k >= b.length) return walkBack(history, a.length, b.length);
    }
  }
  return null;
}

function walkBack(history, x, y) {
  const pairs = [];
  for (let d = history.length - 1; d >= 0; d -= 1) {
    const before = history[d]; // diagonals -d … d, as they were after d - 1 edits
    const on = (k) => before[k + d];
    const k = x - y;
    const down = k === -d || (k !== d && on(k - 1) < on(k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = d === 0 ? 0 : on(fromK);
    const fromY = d === 0 ? 0 : fromX - fromK;
    while (x > fromX && y > fromY) pairs.push([--x, --y]);
    x = fromX;
    y = fromY;
  }
  return pairs;
}
