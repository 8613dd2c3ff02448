// What the agents do, one row per event. A tool call shows its result, a text the files its turn touched.
import {$, el, folded} from './dom.js';
import {hint} from './chat_view.js';
import {fileCards} from './files_view.js';
import {clock, hue, moment, short} from './format.js';
import {readable, richText} from './rich_text.js';
import {WindowedList} from './windowed_list.js';

export class EventsView {
  constructor(store, onChoice) {
    this.store = store;
    this.kinds = new Set(['text', 'thinking', 'tool']);
    this.agent = null;
    this.onChoice = onChoice;
    this.list = new WindowedList($('events'), item => this.row(item), 'What agents do appears here.');
    store.on('events', () => this.draw());
    for (const button of document.querySelectorAll('[data-kind]')) {
      button.addEventListener('click', () => this.toggle(button));
    }
    $('only-agent').addEventListener('click', () => this.choose(null));
  }

  toggle(button) {
    const {kind} = button.dataset;
    this.kinds.has(kind) ? this.kinds.delete(kind) : this.kinds.add(kind);
    button.setAttribute('aria-pressed', String(this.kinds.has(kind)));
    this.draw();
  }

  choose(agent) {
    this.agent = agent;
    const chip = $('only-agent');
    chip.hidden = agent === null;
    chip.textContent = agent === null ? '' : `${this.store.agents.get(agent)?.name ?? 'one agent'} ×`;
    this.list.follows = true;
    this.draw();
    this.onChoice();
  }

  draw() {
    const {kinds, agent} = this;
    this.list.show(this.store.events.filter(item =>
      kinds.has(item.kind) && (agent === null || item.agentId === agent)));
  }

  row(item) {
    return el('article', {class: `event ${item.kind} ${hue(item.agentName)}`, 'data-id': item.id},
      el('header', {}, el('b', {class: 'who'}, item.agentName), el('span', {class: 'what'}, label(item)),
        el('time', {datetime: item.time, title: moment(item.time)}, clock(item.time))),
      this.body(item),
      item.files ? fileCards(item.files) : null);
  }

  body(item) {
    if (item.kind === 'text') return richText(item.text);
    if (item.kind === 'tool') return this.toolBody(item);
    const make = item.kind === 'thinking' ? () => el('div', {class: 'thought'}, item.text) : () => readable(item.payload);
    return folded(el('span', {class: 'hint'}, short(item.text, 120)), make);
  }

  toolBody(item) {
    const end = this.store.results.get(item.payload.tool_use_id);
    const mark = end === undefined ? null : el('span', {class: end.is_error ? 'bad' : 'good'}, end.is_error ? 'failed' : 'done');
    return folded([el('span', {class: 'hint'}, hint(item.payload.tool_input) || 'arguments'), mark], () => el('div', {},
      readable(item.payload.tool_input ?? {}),
      end?.result ? el('pre', {class: `whole result ${end.is_error ? 'bad' : ''}`}, String(end.result)) : null));
  }
}

function label(item) {
  if (item.kind === 'tool') return item.tool;
  if (item.kind === 'hook') return item.type;
  return item.kind === 'thinking' ? 'thinking' : '';
}
