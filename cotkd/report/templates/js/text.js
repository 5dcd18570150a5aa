"use strict";

// How texts of models are put on the page: as they are, with what is worth seeing marked.

// Characters that cannot be seen get the sign that Unicode has for them.
const visible = (text) =>
  text.replace(/[\u0000-\u0008\u000b-\u001f]/g, (sign) => String.fromCharCode(0x2400 + sign.charCodeAt(0)));

// Appends text, with what was searched for marked.
function writeFound(parent, text, needle) {
  const shown = visible(text);
  const lower = shown.toLowerCase();
  // Lower case may be longer than the text (İ): then positions differ, and nothing is marked.
  if (!needle || lower.length !== shown.length) {
    parent.append(shown);
    return;
  }
  let from = 0;
  for (let to = lower.indexOf(needle); to >= 0; to = lower.indexOf(needle, from)) {
    parent.append(shown.slice(from, to), make("mark", "", shown.slice(to, to + needle.length)));
    from = to + needle.length;
  }
  parent.append(shown.slice(from));
}

// Appends text whose calculator annotations, <<3*4=12>>, step back behind the words.
function writeSteps(parent, text, needle) {
  for (const part of text.split(/(<<[^<>\n]{1,200}>>)/)) {
    if (!part) continue;
    if (!part.startsWith("<<") || !part.endsWith(">>")) {
      writeFound(parent, part, needle);
      continue;
    }
    const annotation = make("span", "annotation");
    writeFound(annotation, part, needle);
    parent.append(annotation);
  }
}

function wrongStep([text, value]) {
  const bad = make("span", "bad", visible(text));
  if (value) bad.dataset.value = value;
  bad.title = value ? `wrong step: it gives ${value}` : "wrong step";
  return bad;
}

// White space around the whole is not shown: models begin with a space or two line breaks.
function writePieces(parent, pieces, needle) {
  pieces.forEach((piece, at) => {
    if (typeof piece !== "string") {
      parent.append(wrongStep(piece));
      return;
    }
    const begun = at === 0 ? piece.trimStart() : piece;
    writeSteps(parent, at === pieces.length - 1 ? begun.trimEnd() : begun, needle);
  });
}

function textBlock(pieces, needle) {
  const block = make("div", "said");
  block.dir = "auto";
  writePieces(block, pieces, needle);
  return block;
}

// Lines of "sub-question ** step"; what stands after "-->" or "####" is the answer.
function turnsOf(text) {
  const lines = [[]];
  for (const piece of piecesOf(text)) {
    if (typeof piece !== "string") {
      lines.at(-1).push(piece);
      continue;
    }
    piece.split("\n").forEach((part, number) => {
      if (number) lines.push([]);
      if (part) lines.at(-1).push(part);
    });
  }
  const told = lines.filter((line) => plain(line).trim());
  const ending = takeEnding(told);
  return { turns: told.filter((line) => line.length).map(splitTurn), ending };
}

function takeEnding(lines) {
  const last = lines.at(-1);
  if (!last || typeof last.at(-1) !== "string") return null;
  const found = last.at(-1).match(/^(.*?)\s*(?:-->|####)\s*(.*)$/s);
  if (!found) return null;
  last.pop();
  if (found[1].trim()) last.push(found[1]);
  return found[2];
}

function splitTurn(line) {
  const at = line.findIndex((piece) => typeof piece === "string" && piece.includes(" ** "));
  if (at < 0) return { asked: null, step: line };
  const cut = line[at].indexOf(" ** ");
  const asked = plain(line.slice(0, at)) + line[at].slice(0, cut);
  return { asked, step: [line[at].slice(cut + 4), ...line.slice(at + 1)] };
}

// A dialogue as turns: who asks, who answers, and what it comes to.
function dialogue(answer, speakers, needle) {
  const { turns, ending } = turnsOf(answer.t);
  const list = make("ol", "turns");
  const [asks, solves] = speakers ?? ["asks", "answers"];
  for (const { asked, step } of turns) {
    const turn = make("li");
    if (asked !== null) turn.append(utterance("asks", asks, [asked.trim()], needle));
    turn.append(utterance("answers", solves, step, needle));
    list.append(turn);
  }
  if (ending !== null) {
    const last = make("li", "ending");
    last.append(make("span", "who", "answer"), make("b", "", visible(ending.trim()) || "none"));
    list.append(last);
  }
  return list;
}

function utterance(kind, who, pieces, needle) {
  const block = make("div", `turn ${kind}`);
  const said = make("div", "said");
  said.dir = "auto";
  writePieces(said, pieces, needle);
  block.append(make("span", "who", who), said);
  return block;
}

// Tokens coloured by how much likelier the answer makes them; `most` nats are the full colour. Most
// tokens are near zero and a few are far from it: the square root lets both be seen.
function growth(tokens, most) {
  const block = make("div", "said tokens");
  block.dir = "auto";
  for (const [text, value] of tokens) {
    const share = Math.min(1, Math.sqrt(Math.abs(value) / most));
    const token = make("span", value < 0 ? "token against" : "token", visible(text));
    if (share < 0.15) token.classList.add("faint");
    token.style.setProperty("--share", `${Math.round(100 * share)}%`);
    token.title = `${signed(value)} nats`;
    block.append(token);
  }
  return block;
}

const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
