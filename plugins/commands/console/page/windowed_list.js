// A list that shows a part of what it has: however long the history, the page holds `kShown` rows. It follows the newest
// row until somebody scrolls up.
import {batched, el} from './dom.js';

const kShown = 200;
const kStep = 80;
const kNearPixels = 48;

export class WindowedList {
  // `render(item)` makes a row. An item is known by `id`, and made again when its `version` has changed.
  constructor(root, render, emptyText) {
    this.root = root;
    this.render = render;
    this.items = [];
    this.start = 0;
    this.follows = true;
    this.rows = new Map();  // id -> {node, version}
    this.earlier = el('button', {type: 'button', class: 'more', hidden: true, on: {click: () => this.move(-kStep)}});
    this.list = el('div', {class: 'rows'});
    this.empty = el('p', {class: 'empty'}, emptyText);
    this.newest = el('button', {type: 'button', class: 'newest', hidden: true, on: {click: () => this.toNewest()}}, 'Newest');
    root.append(this.earlier, this.empty, this.list, this.newest);
    root.addEventListener('scroll', () => this.scrolled(), {passive: true});
    this.sync = batched(() => this.draw());
    // What comes up below, such as a question, must not cover the newest row.
    new ResizeObserver(() => { if (this.follows) root.scrollTop = root.scrollHeight; }).observe(root);
  }

  // The array is borrowed; after a change of it call this again.
  show(items) {
    this.items = items;
    this.sync();
  }

  toNewest() {
    this.follows = true;
    this.draw();
  }

  get atBottom() {
    return this.root.scrollTop + this.root.clientHeight >= this.root.scrollHeight - kNearPixels;
  }

  scrolled() {
    const reachesEnd = this.start + kShown >= this.items.length;
    if (this.atBottom && !reachesEnd) {
      this.move(kStep);
      return;
    }
    const follows = this.atBottom && reachesEnd;
    if (follows !== this.follows) {
      this.follows = follows;
      this.firstShown = follows ? null : this.items[this.start]?.id;
      this.newest.hidden = follows;
    }
  }

  move(by) {
    this.follows = false;
    const start = Math.min(Math.max(0, this.start + by), Math.max(0, this.items.length - kShown));
    this.firstShown = this.items[start]?.id;
    this.draw();
  }

  draw() {
    const {root} = this;
    if (this.follows) {
      this.start = Math.max(0, this.items.length - kShown);
    } else {
      // Rows may have left at the old end.
      const found = this.items.findIndex(item => item.id === this.firstShown);
      this.start = found >= 0 ? found : 0;
    }
    const shown = this.items.slice(this.start, this.start + kShown);
    const anchor = this.follows ? null : this.firstVisible();
    const before = anchor?.getBoundingClientRect().top;
    this.place(shown);
    this.empty.hidden = this.items.length > 0;
    this.earlier.hidden = this.start === 0;
    this.earlier.textContent = `${this.start} earlier`;
    this.newest.hidden = this.follows;
    if (this.follows) {
      root.scrollTop = root.scrollHeight;
    } else if (anchor?.isConnected) {
      root.scrollTop += anchor.getBoundingClientRect().top - before;
    }
  }

  firstVisible() {
    const top = this.root.getBoundingClientRect().top;
    return [...this.list.children].find(node => node.getBoundingClientRect().bottom > top);
  }

  place(shown) {
    const wanted = new Set(shown.map(item => item.id));
    for (const [id, row] of this.rows) {
      if (!wanted.has(id)) {
        row.node.remove();
        this.rows.delete(id);
      }
    }
    let cursor = this.list.firstElementChild;
    for (const item of shown) {
      let row = this.rows.get(item.id);
      if (row === undefined || row.version !== item.version) {
        const node = this.render(item);
        if (row !== undefined) {
          if (cursor === row.node) cursor = cursor.nextElementSibling;
          keepOpen(row.node, node);
          row.node.remove();
        }
        row = {node, version: item.version};
        this.rows.set(item.id, row);
      }
      if (row.node === cursor) {
        cursor = cursor.nextElementSibling;
      } else {
        this.list.insertBefore(row.node, cursor);
      }
    }
  }
}

// What was open in the old row is open in the new one.
function keepOpen(from, to) {
  const old = from.querySelectorAll('details');
  to.querySelectorAll('details').forEach((details, index) => {
    if (old[index]?.open) details.open = true;
  });
}
