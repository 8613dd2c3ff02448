// The conversation with the orchestrator.
import {$, el, folded} from './dom.js';
import {clock, moment, plural, short} from './format.js';
import {readable, richText} from './rich_text.js';
import {WindowedList} from './windowed_list.js';

export function showChat(store, session) {
  const list = new WindowedList($('chat'), item => row(item, store, session),
    'Nothing has been said yet. Ask for something, or ask the orchestrator to create an agent.');
  store.on('chat', () => {
    list.show(store.chat);
    $('turns').textContent = store.turnCount > 0 ? plural(store.turnCount, 'message') : '';
  });
  store.on('typing', () => { $('typing').hidden = !store.typing; });
  return list;
}

const time = item => el('time', {datetime: item.time, title: moment(item.time)}, clock(item.time));

function row(item, store, session) {
  switch (item.role) {
    case 'user':
      return el('article', {class: `line user ${item.state ?? ''}`, 'data-id': item.id},
        el('header', {}, el('b', {}, 'You'), time(item), item.state === 'sending' ? el('span', {}, 'sending') : null),
        el('div', {class: 'said'}, item.text),
        item.state === 'failed' ? failure(item, store, session) : null);
    case 'thinking':
      return el('article', {class: 'line step', 'data-id': item.id}, folded(
        [el('b', {}, 'Thinking'), el('span', {class: 'hint'}, short(item.text, 90))],
        () => el('div', {class: 'thought'}, item.text)));
    case 'tool':
      return el('article', {class: 'line step', 'data-id': item.id}, folded(
        [el('b', {class: 'tool'}, item.tool), el('span', {class: 'hint'}, hint(item.input))],
        () => readable(item.input ?? {})));
    case 'notice':
      return el('article', {class: `line notice ${item.level}`, 'data-id': item.id}, item.text);
    default:
      return el('article', {class: 'line orchestrator', 'data-id': item.id},
        el('header', {}, el('b', {}, 'Orchestrator'), time(item)), richText(item.text));
  }
}

// The most telling argument of a tool call, on one line.
export function hint(input) {
  if (input === null || typeof input !== 'object') return '';
  const first = ['command', 'file_path', 'pattern', 'name', 'agent_name', 'path', 'query']
    .map(name => input[name]).find(value => typeof value === 'string');
  const rest = Object.values(input).find(value => typeof value === 'string');
  const told = input.agent_name && input.command ? `${input.agent_name}: ${input.command}` : first ?? rest;
  return short(told ?? '', 90);
}

function failure(item, store, session) {
  const again = () => { store.removeOwn(item); session.send(item.text); };
  return el('p', {class: 'wrong'}, `Not sent: ${item.reason} `,
    el('button', {type: 'button', class: 'plain', on: {click: again}}, 'Send again'));
}
