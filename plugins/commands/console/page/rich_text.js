// Plain text with the little Markdown that models write: fences, headings, lists, `code`, **bold**. Made of elements and
// text nodes; links stay text, because whoever wrote them is not trusted.
import {el} from './dom.js';

const kMostCharacters = 20000;

export function richText(text) {
  const whole = String(text ?? '');
  if (whole.length <= kMostCharacters) return blocks(whole);
  const box = el('div', {}, blocks(whole.slice(0, kMostCharacters)));
  const more = el('button', {type: 'button', class: 'plain', on: {click: () => {
    box.replaceChildren(el('pre', {class: 'whole'}, whole));
  }}}, `Show all ${whole.length} characters`);
  box.append(more);
  return box;
}

function blocks(text) {
  const box = el('div', {class: 'rich'});
  const parts = text.split(/^```[^\n]*\n?/m);
  parts.forEach((part, index) => {
    if (index % 2 === 1) {
      box.append(el('pre', {}, el('code', {}, part.replace(/\n$/, ''))));
    } else {
      paragraphs(part, box);
    }
  });
  return box;
}

function paragraphs(text, box) {
  let list = null;
  for (const chunk of text.split(/\n{2,}/)) {
    if (chunk.trim() === '') continue;
    let lines = [];
    const flush = () => {
      if (lines.length > 0) box.append(el('p', {}, inline(lines.join('\n'))));
      lines = [];
    };
    for (const line of chunk.split('\n')) {
      const heading = /^#{1,6} +(.+)$/.exec(line);
      const item = /^\s*(?:[-*•]|\d+[.)]) +(.+)$/.exec(line);
      if (item) {
        flush();
        if (list === null) box.append(list = el('ul', {}));
        list.append(el('li', {}, inline(item[1])));
        continue;
      }
      list = null;
      if (heading) {
        flush();
        box.append(el('p', {class: 'heading'}, inline(heading[1])));
      } else {
        lines.push(line);
      }
    }
    flush();
  }
}

function inline(text) {
  return text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).map(part => {
    if (part.length > 2 && part.startsWith('`') && part.endsWith('`')) return el('code', {}, part.slice(1, -1));
    if (part.length > 4 && part.startsWith('**') && part.endsWith('**')) return el('strong', {}, part.slice(2, -2));
    return part;
  });
}

// JSON for reading: texts of an object under their names, everything else indented.
export function readable(value) {
  if (typeof value === 'string') return el('pre', {class: 'whole'}, value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return el('pre', {class: 'whole'}, JSON.stringify(value, null, 2));
  }
  return el('dl', {class: 'fields'}, Object.entries(value).map(([name, field]) => [
    el('dt', {}, name),
    el('dd', {}, el('pre', {class: 'whole'}, typeof field === 'string' ? field : JSON.stringify(field, null, 2))),
  ]));
}
