// Numbers and times as people read them.

export function count(value) {
  const number = Number(value) || 0;
  if (number < 1000) return String(number);
  if (number < 1e6) return (number / 1e3).toFixed(number < 1e4 ? 1 : 0) + 'k';
  return (number / 1e6).toFixed(number < 1e7 ? 2 : 1) + 'M';
}

export function dollars(value) {
  const number = Number(value) || 0;
  return '$' + number.toFixed(number !== 0 && number < 0.1 ? 4 : 2);
}

export function clock(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', second: '2-digit'});
}

export function moment(iso) {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '' : time.toLocaleString();
}

// "4 min", for how long something may still wait.
export function remaining(iso) {
  const seconds = Math.max(0, Math.round((new Date(iso) - Date.now()) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

export const plural = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`;

// Cuts what nobody reads on one line.
export function short(text, most) {
  const line = String(text ?? '').replace(/\s+/g, ' ').trim();
  return line.length > most ? line.slice(0, most - 1) + '…' : line;
}

// One of eight hues, always the same for a name.
export function hue(name) {
  let hash = 0;
  for (const c of String(name)) hash = (hash * 31 + c.codePointAt(0)) >>> 0;
  return 'hue-' + hash % 8;
}

export const toolName = name => String(name ?? 'tool').replace(/^mcp__mgmt__/, '');
