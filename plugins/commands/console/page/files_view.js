// The files a turn touched: what changed with its diff, what was read.
import {el, folded} from './dom.js';
import {plural} from './format.js';

const kMostLines = 400;

export function fileCards(payload) {
  const changes = payload.file_changes ?? [];
  const read = payload.read_files ?? [];
  return el('div', {class: 'files'}, changes.map(changeCard), read.length > 0 ? folded(
    `${plural(read.length, 'file')} read`, () => el('ul', {class: 'read'}, read.map(file => el('li', {},
      el('code', {title: file.absolute_path}, file.path), ` ${plural(Number(file.line_count) || 0, 'line')}`)))) : null);
}

function changeCard(change) {
  const head = [
    el('span', {class: `file-status ${change.status}`}, change.status),
    el('code', {title: change.absolute_path}, change.path),
    el('span', {class: 'counts'}, el('ins', {}, `+${Number(change.lines_added) || 0}`), el('del', {}, `−${Number(change.lines_removed) || 0}`)),
  ];
  const summary = change.summary ? el('p', {class: 'file-summary'}, change.summary) : null;
  if (!change.diff) return el('div', {class: 'file'}, el('div', {class: 'file-head'}, head), summary);
  return el('div', {class: 'file'}, summary, folded(head, () => diff(change.diff)));
}

function diff(text) {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const box = el('pre', {class: 'diff'}, lines.slice(0, kMostLines).map(diffLine));
  if (lines.length > kMostLines) {
    const more = el('button', {type: 'button', class: 'plain', on: {click: () => {
      more.remove();
      box.append(document.createTextNode(lines.slice(kMostLines).join('\n')));
    }}}, `Show ${lines.length - kMostLines} more lines`);
    box.append(more);
  }
  return box;
}

function diffLine(line) {
  const kind = line.startsWith('@@') ? 'at' : /^(\+\+\+|---|diff |index |new file|deleted file)/.test(line) ? 'about'
    : line.startsWith('+') ? 'plus' : line.startsWith('-') ? 'minus' : 'same';
  return el('span', {class: kind}, line + '\n');
}
