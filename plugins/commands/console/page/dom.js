// Elements made by code. Text only ever becomes text nodes: nothing that arrives is read as HTML.

export const $ = id => document.getElementById(id);

// el('div', {class: 'x', title: 't', on: {click: f}}, child, 'text', ...): null children are left out.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'on') {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else if (name === 'class') {
      node.className = value;
    } else {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  add(node, children);
  return node;
}

export function add(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) node.append(child);
  }
}

// A part that opens. Its content is made when it is first opened: most never are.
export function folded(summary, make, properties = {}) {
  const details = el('details', properties, el('summary', {}, summary));
  details.addEventListener('toggle', () => {
    if (details.open && details.childElementCount === 1) add(details, [make()]);
  });
  return details;
}

// Runs `work` once soon, however often it was asked for meanwhile. A timer, because a hidden tab has no frames.
export function batched(work) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    setTimeout(() => { waits = false; work(); }, 16);
  };
}
