"use strict";
(() => {
const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (selector, under = document) => [...under.querySelectorAll(selector)];
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const CHUNK = 200, KINDS = [" ", "a", "d"], SIGNS = [" ", "+", "−"];
let split = false;
try { split = localStorage.getItem("split") === "1" && innerWidth > 1100; } catch { /* file:// may have none */ }

const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
};

/* Text with what cannot be seen, or turns what is, shown as its code point. */
function put(parent, text) {
  let at = 0;
  for (const found of text.matchAll(UNSEEN)) {
    parent.append(text.slice(at, found.index));
    parent.append(make("span", "ctl", "U+" + found[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0")));
    at = found.index + found[0].length;
  }
  parent.append(text.slice(at));
}

/* A language is told by the end of a file's name: its comments, its strings, its words. */
const WORDS = "abstract and as assert async await begin break case catch class const continue crate declare def default defer del delete do elif else elsif end ensure enum except export extends extern final finally fn for foreach from func function go goto if impl implements import in include inline instanceof interface is lambda let loop match mod module move mut namespace new next nil None not null nullptr of or package pass private protected pub public raise readonly require rescue return select self static struct super switch template then this throw throws trait true false True False try type typedef typeof union unless unsafe until use using val var virtual void when where while with yield";
const SQL = "select from where insert into values update set delete create table alter drop index view join left right inner outer on and or not null primary key foreign references group by order having limit offset union all as case when then else end begin commit rollback default constraint unique check if exists in is like between distinct";
const STYLES = [
  [/\.(py|pyi|pyx|gd)$/, {line: "#", triple: true}],
  [/\.(rb|sh|bash|zsh|fish|ya?ml|toml|ini|cfg|conf|pl|r|mk|tf|nix|env|properties|cmake|ex|exs|jl)$|^(Makefile|Dockerfile|Gemfile|Rakefile)/i, {line: "#"}],
  [/\.(sql)$/i, {line: "--", block: true, words: SQL, fold: true}],
  [/\.(lua|hs|elm|adb|ads|vhdl?)$/i, {line: "--"}],
  [/\.(html?|xml|svg|vue|xhtml|jsp|erb)$/i, {tags: true}],
  [/\.(md|markdown|rst|txt|csv|tsv|lock|log|adoc)$/i, {none: true}],
  [/\.(css|scss|less)$/i, {block: true, words: ""}],
  [/\.(lisp|clj|cljs|el|scm|asm|s)$/i, {line: ";"}],
  [/\.(json5?|ipynb|webmanifest)$/i, {words: "true false null"}],
  [/\.[a-z0-9]+$/i, {line: "//", block: true}],
];
const styles = new Map();

function styleOf(name) {
  const rule = (STYLES.find(([pattern]) => pattern.test(name)) || [0, {none: true}])[1];
  if (!styles.has(rule)) {
    const parts = [];
    if (rule.tags) parts.push(/(?<c>\x3c!--.*?(?:-->|$))|(?<k>\x3c[/?!]?[\w:.-]+|[/?]?>)/);
    if (rule.block) parts.push(/(?<c>\/\*.*?(?:\*\/|$))/);
    if (rule.line) parts.push({source: "(?<l>" + rule.line + ".*)"});
    if (rule.triple) parts.push(/(?<t>""".*?(?:"""|$)|'''.*?(?:'''|$))/);
    parts.push(/(?<s>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?)|(?<n>\b\d[\w.]*)|(?<d>@[\w.]+)|(?<w>[A-Za-z_$][\w$]*)(?<call>\s*\()?/);
    const words = new Set((rule.words === undefined ? WORDS : rule.words).split(" "));
    styles.set(rule, {rule, words, token: rule.none ? null : new RegExp(parts.map(part => part.source).join("|"), "g")});
  }
  return styles.get(rule);
}

/* The coloured runs of a line as [from, to, class], given what is open at its start; and what is open at its end. */
function colour(text, style, open) {
  const runs = [];
  let from = 0;
  if (!style.token || text.length > 2000) return [runs, ""];
  if (open) {
    const end = text.indexOf(open);
    runs.push([0, end < 0 ? text.length : end + open.length, open === "*/" || open === "-->" ? "c" : "s"]);
    if (end < 0) return [runs, open];
    from = end + open.length;
    open = "";
  }
  style.token.lastIndex = from;
  for (let found; (found = style.token.exec(text));) {
    const is = found.groups, end = found.index + found[0].length;
    const kind = is.c || is.l ? "c" : is.s || is.t ? "s" : is.n ? "n" : is.d ? "f" : is.k ? "k"
      : style.words.has(style.rule.fold ? is.w.toLowerCase() : is.w) ? "k" : is.call !== undefined ? "f" : "";
    if (kind) runs.push([found.index, kind === "f" && is.w ? found.index + is.w.length : end, kind]);
    if (is.c && !/(\*\/|-->)$/.test(is.c)) open = is.c.startsWith("/") ? "*/" : "-->";
    if (is.t && (is.t.length < 6 || !is.t.endsWith(is.t.slice(0, 3)))) open = is.t.slice(0, 3);
  }
  return [runs, open];
}

/* Colours the lines of a hunk, each side by itself. */
function colourAll(lines, style) {
  let old = "", now = "";
  for (const line of lines) {
    const [runs, open] = colour(line[3], style, line[0] === 2 ? old : now);
    line.runs = runs;
    if (line[0] !== 1) old = open;
    if (line[0] !== 2) now = open;
  }
}

/* Cuts [0, length) at the ends of the coloured runs and of the changed words. */
function code(text, runs, words) {
  const element = make("code", "code");
  const cuts = [];
  let at = 0;
  for (const [from, to, kind] of runs) {
    if (from > at) cuts.push([at, from, ""]);
    cuts.push([from, to, kind]);
    at = to;
  }
  cuts.push([at, text.length, ""]);
  for (const [from, to, kind] of cuts) {
    let start = from;
    while (start < to) {
      const word = words && words.find(([a, b]) => start < b && to > a);
      const inside = word && start >= word[0];
      const end = !word ? to : Math.min(to, inside ? word[1] : word[0]);
      let parent = element;
      if (inside) { const mark = make("mark"); parent.append(mark); parent = mark; }
      if (kind) { const span = make("span", "t" + kind); parent.append(span); parent = span; }
      put(parent, text.slice(start, end));
      start = end;
    }
  }
  return element;
}

/* The words that differ between two lines: what is left between the longest common sequences of words. */
function differing(old, now) {
  const cut = text => text.match(/\w+|\s+|[^\w\s]/g) || [];
  const a = cut(old), b = cut(now);
  if (a.length * b.length > 40000) return [null, null];
  const table = Array.from({length: a.length + 1}, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--)
    table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : Math.max(table[i + 1][j], table[i][j + 1]);
  if (table[0][0] * 3 < Math.max(a.length, b.length)) return [null, null];
  const left = [], right = [];
  let i = 0, j = 0, x = 0, y = 0;
  const add = (list, from, to) => { const last = list.at(-1); if (last && last[1] === from) last[1] = to; else list.push([from, to]); };
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { x += a[i++].length; y += b[j++].length; }
    else if (j < b.length && (i >= a.length || table[i][j + 1] >= table[i + 1][j])) { add(right, y, y + b[j].length); y += b[j++].length; }
    else { add(left, x, x + a[i].length); x += a[i++].length; }
  }
  return [left, right];
}

/* Blocks of removals and additions beside each other, line by line. */
function paired(lines, compare = true) {
  const words = new Map(), pairs = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at][0] === 0) { pairs.push([lines[at], lines[at]]); at++; continue; }
    const gone = [], come = [];
    while (at < lines.length && lines[at][0] === 2) gone.push(lines[at++]);
    while (at < lines.length && lines[at][0] === 1) come.push(lines[at++]);
    for (let k = 0; k < Math.max(gone.length, come.length); k++) {
      if (compare && k < gone.length && k < come.length) {
        const [left, right] = differing(gone[k][3], come[k][3]);
        words.set(gone[k], left); words.set(come[k], right);
      }
      pairs.push([gone[k] || null, come[k] || null]);
    }
  }
  return [pairs, words];
}

function signOf(line) {
  const sign = make("b", "", line[4] & 1 ? "✎" : SIGNS[line[0]]);
  if (line[4] & 1) sign.title = "written by hand";
  return sign;
}

function unified(line, words) {
  const row = make("div", "row " + KINDS[line[0]] + (line[4] & 1 ? " h" : ""));
  row.append(make("i", "", line[1] || ""), make("i", "", line[2] || ""), signOf(line), code(line[3], line.runs, words.get(line)));
  if (line[4] & 2) row.lastChild.append(make("span", "ctl", "no line end"));
  return row;
}

function half(line, words, right) {
  if (!line) return make("div", "side e");
  const side = make("div", "side " + KINDS[line[0]] + (line[4] & 1 ? " h" : ""));
  side.append(make("i", "", (right ? line[2] : line[1]) || ""), signOf(line), code(line[3], line.runs, words.get(line)));
  return side;
}

function beside([left, right], words) {
  const row = make("div", "pair");
  row.append(half(left, words, false), half(right, words, true));
  return row;
}

const seen = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) fill(entry.target);
}, {rootMargin: "1500px 0px"});

function fill(chunk) {
  if (chunk.dataset.done || !chunk.isConnected) return;
  chunk.dataset.done = "1";
  seen.unobserve(chunk);
  const rows = document.createDocumentFragment();
  for (const row of chunk.rows) rows.append(split ? beside(row, chunk.words) : unified(row, chunk.words));
  chunk.style.minHeight = "";
  chunk.append(rows);
}

function lay(diff) {
  diff.replaceChildren();
  const [name, ...hunks] = DATA[+diff.dataset.body];
  for (const [head, ...lines] of hunks) {
    colourAll(lines, styleOf(name));
    const hunk = make("div", "hunkbox");
    const title = make("button", "hunk code");
    title.type = "button";
    title.setAttribute("aria-expanded", "true");
    put(title, head);
    const [pairs, words] = paired(lines);
    const rows = split ? pairs : lines;
    const chunks = [];
    for (let at = 0; at < rows.length; at += CHUNK) {
      const chunk = make("div", "chunk code");
      chunk.rows = rows.slice(at, at + CHUNK);
      chunk.words = words;
      chunk.style.minHeight = 20 * chunk.rows.length + "px";
      chunk.style.containIntrinsicSize = "auto 800px auto " + 20 * chunk.rows.length + "px";
      chunks.push(chunk);
      seen.observe(chunk);
    }
    title.onclick = () => {
      const open = title.getAttribute("aria-expanded") === "true";
      title.setAttribute("aria-expanded", String(!open));
      for (const chunk of chunks) chunk.hidden = open;
    };
    hunk.append(title, ...chunks);
    diff.append(hunk);
  }
}

const files = $("section.file");
const later = new IntersectionObserver(entries => {
  for (const entry of entries) if (entry.isIntersecting) { later.unobserve(entry.target); lay(entry.target); entry.target.style.minHeight = ""; }
}, {rootMargin: "2500px 0px"});

function estimate(diff) {
  const rows = hunk => (split ? paired(hunk.slice(1), false)[0] : hunk.slice(1)).length;
  return DATA[+diff.dataset.body].slice(1).reduce((sum, hunk) => sum + 24 + 20 * rows(hunk), 0);
}

function prepare() {
  document.body.classList.toggle("split", split);
  for (const diff of $(".diff")) {
    diff.replaceChildren();
    diff.style.minHeight = estimate(diff) + "px";
    later.observe(diff);
  }
}

function everything() {
  for (const diff of $(".diff")) { later.unobserve(diff); lay(diff); diff.style.minHeight = ""; for (const chunk of $(".chunk", diff)) fill(chunk); }
}

/* What lies above is laid out as it comes near, and moves the target: go there again until it stays. */
function settle(target, times) {
  target.scrollIntoView({block: "start", behavior: "instant"});
  if (times) requestAnimationFrame(() => settle(target, times - 1));
}

let current = -1;
function go(number) {
  if (!files.length) return;
  current = Math.max(0, Math.min(files.length - 1, number));
  settle(files[current], 4);
  files[current].querySelector("h3").focus({preventScroll: true});
  for (const link of $("nav.files a")) link.toggleAttribute("aria-current", link.hash === "#" + files[current].id);
}

function nextHunk(step) {
  const heads = $(".hunk").filter(head => head.offsetParent);
  const top = 70, at = heads.map(head => head.getBoundingClientRect().top);
  const found = step > 0 ? heads.find((_, i) => at[i] > top + 5) : heads.findLast((_, i) => at[i] < top - 5);
  if (found) { scrollBy({top: found.getBoundingClientRect().top - top, behavior: "instant"}); found.focus({preventScroll: true}); }
}

function fold(section) {
  const folded = section.classList.toggle("folded");
  section.querySelector(".fold").setAttribute("aria-expanded", String(!folded));
}

function setSplit(value) {
  split = value;
  document.getElementById("split").setAttribute("aria-pressed", String(split));
  try { localStorage.setItem("split", split ? "1" : "0"); } catch { /* not kept */ }
  prepare();
  if (current >= 0) settle(files[current], 4);
}

function theme() {
  const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
  document.documentElement.dataset.theme = dark ? "light" : "dark";
}

const help = document.getElementById("help"), filter = document.getElementById("filter");
const KEYS = {
  j: () => go(current + 1), k: () => go(current - 1), n: () => nextHunk(1), p: () => nextHunk(-1), s: () => setSplit(!split), t: theme,
  f: () => current >= 0 && fold(files[current]), "/": () => filter && filter.focus(), "?": () => help.showModal(),
};
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = KEYS[event.key];
  if (act && !help.open) { event.preventDefault(); act(); }
});
document.getElementById("split").onclick = () => setSplit(!split);
document.getElementById("theme").onclick = theme;
document.getElementById("keys").onclick = () => help.showModal();
for (const button of $(".fold")) button.onclick = () => fold(button.closest("section"));
for (const link of $("nav.files a")) link.onclick = event => { event.preventDefault(); go(files.findIndex(file => "#" + file.id === link.hash)); };
if (filter) filter.oninput = () => {
  const words = filter.value.toLowerCase();
  for (const item of $("nav.files li[data-path]")) item.hidden = !item.dataset.path.toLowerCase().includes(words);
};
addEventListener("beforeprint", everything);
document.getElementById("split").setAttribute("aria-pressed", String(split));
prepare();
})();
