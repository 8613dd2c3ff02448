// The field to write in: Enter sends, Shift+Enter breaks the line, "/" completes commands, Up brings back the last line.
import {$, el} from './dom.js';

const kMostOffered = 50;

export class Composer {
  constructor(store, session) {
    this.store = store;
    this.session = session;
    this.field = $('message');
    this.popup = $('completion');
    this.offered = [];
    this.chosen = 0;
    this.last = '';
    $('composer').addEventListener('submit', event => { event.preventDefault(); this.send(); });
    this.field.addEventListener('input', () => this.changed());
    this.field.addEventListener('keydown', event => this.key(event));
    this.field.addEventListener('blur', () => this.close());
    document.addEventListener('keydown', event => this.globalKey(event));
  }

  enable(is_enabled) {
    const had = !this.field.disabled;
    this.field.disabled = !is_enabled;
    $('send').disabled = !is_enabled;
    if (is_enabled && !had && matchMedia('(hover: hover)').matches) this.field.focus();
  }

  send() {
    const text = this.field.value.trim();
    if (text === '' || this.field.disabled) return;
    this.last = text;
    this.set('');
    this.session.send(text);
  }

  set(text) {
    this.field.value = text;
    this.changed();
  }

  async changed() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, 220)}px`;
    const typed = /^\/(\S*)$/.exec(this.field.value);
    if (typed === null) {
      this.close();
      return;
    }
    // The commands are files that people edit: each opening of the list looks again.
    if (this.popup.hidden) this.session.refreshCommands().then(() => this.offer());
    this.offer();
  }

  offer() {
    const typed = /^\/(\S*)$/.exec(this.field.value)?.[1].toLowerCase();
    if (typed === undefined || document.activeElement !== this.field) return;
    const rank = command => command.name.toLowerCase().startsWith(typed) ? 0 : 1;
    this.offered = this.store.commands
      .filter(command => command.name.toLowerCase().includes(typed))
      .sort((a, b) => rank(a) - rank(b)).slice(0, kMostOffered);
    this.chosen = 0;
    this.draw();
  }

  draw() {
    this.popup.replaceChildren(...this.offered.map((command, index) => el('li', {
      role: 'option', id: `command-${index}`, 'aria-selected': String(index === this.chosen),
      on: {mousedown: event => { event.preventDefault(); this.take(index); }},
    }, el('b', {}, `/${command.name}`), el('i', {}, command.arguments ?? ''), el('span', {}, command.error ?? command.description ?? ''))));
    this.popup.hidden = this.offered.length === 0;
    this.field.setAttribute('aria-expanded', String(!this.popup.hidden));
    if (this.popup.hidden) {
      this.field.removeAttribute('aria-activedescendant');
    } else {
      this.field.setAttribute('aria-activedescendant', `command-${this.chosen}`);
      this.popup.children[this.chosen].scrollIntoView({block: 'nearest'});
    }
  }

  close() {
    this.offered = [];
    this.draw();
  }

  take(index) {
    this.set(`/${this.offered[index].name} `);
    this.field.focus();
  }

  key(event) {
    if (event.isComposing) return;
    const isOpen = !this.popup.hidden;
    const typed = this.field.value.slice(1);
    if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const step = event.key === 'ArrowDown' ? 1 : this.offered.length - 1;
      this.chosen = (this.chosen + step) % this.offered.length;
      this.draw();
    } else if (isOpen && (event.key === 'Tab' || (event.key === 'Enter' && this.offered[this.chosen].name !== typed))) {
      this.take(this.chosen);
    } else if (isOpen && event.key === 'Escape') {
      this.close();
    } else if (event.key === 'Enter' && !event.shiftKey) {
      this.send();
    } else if (event.key === 'ArrowUp' && this.field.value === '' && this.last !== '') {
      this.set(this.last);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  // "/" anywhere but in a field goes to the message, Ctrl-K or Cmd-K opens the commands.
  globalKey(event) {
    const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    const slash = event.key === '/' && !event.target.closest?.('input, textarea, dialog');
    if ((!palette && !slash) || this.field.disabled) return;
    event.preventDefault();
    document.body.dataset.panel = 'chat';
    this.field.focus();
    if (this.field.value === '' || palette) this.set('/');
  }
}
