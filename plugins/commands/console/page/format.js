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

const kHues = 8;
const hues = new Map();  // name -> number

// One of eight hues. A name has the same one wherever it stands; names share one only when there are more than eight.
export function hue(name) {
  const key = String(name);
  if (!hues.has(key)) {
    let number = 0;
    for (const c of key) number = (number * 31 + c.codePointAt(0)) % 65521;
    const taken = new Set(hues.values());
    while (taken.size < kHues && taken.has(number % kHues)) number += 1;
    hues.set(key, number % kHues);
  }
  return `hue-${hues.get(key)}`;
}

export const toolName = name => String(name ?? 'tool').replace(/^mcp__mgmt__/, '');
