// The bar on top: whether there is a connection, which model answers, what it all has cost.
import {$} from './dom.js';
import {count, dollars, short} from './format.js';
import {contextShare} from './agents_view.js';

const kStates = {
  connecting: 'Connecting', connected: 'Connected', reconnecting: 'Reconnecting', disconnected: 'Disconnected', token: 'Token needed',
};

export function showState(state, reason) {
  const pill = $('connection');
  pill.textContent = kStates[state];
  pill.dataset.state = state;
  pill.title = reason;
}

export function showHeader(store) {
  const draw = () => {
    const one = store.orchestrator;
    if (one === null) return;
    const all = [one, ...store.agents.values()];
    const sum = name => all.reduce((total, each) => total + (Number(each[name]) || 0), 0);
    const info = one.metadata?.system_message_info ?? {};
    const model = one.model || info.model || '';
    const plugin = String(one.model_plugin ?? '').split('.').at(-1);
    $('model').hidden = model === '' && plugin === '';
    $('model').textContent = [short(model, 40), plugin].filter(Boolean).join(' · ');
    $('directory').textContent = one.working_dir ?? info.cwd ?? '';
    $('tokens').textContent = `${count(sum('input_tokens'))} in, ${count(sum('output_tokens'))} out`;
    $('cost').textContent = dollars(sum('total_cost'));
    const share = contextShare(one);
    $('context').textContent = `${(share * 100).toFixed(1)} %`;
    $('context').dataset.level = share >= 0.9 ? 'full' : share >= 0.7 ? 'high' : share >= 0.5 ? 'half' : '';
  };
  store.on('orchestrator', draw);
  store.on('agents', draw);
}

// auto -> dark -> light -> auto
export function watchTheme() {
  const next = {auto: 'dark', dark: 'light', light: 'auto'};
  const apply = theme => {
    document.documentElement.dataset.theme = theme;
    $('theme').textContent = theme === 'auto' ? 'Theme' : theme === 'dark' ? 'Dark' : 'Light';
  };
  apply(next[localStorage.getItem('tutti.theme')] ? localStorage.getItem('tutti.theme') : 'auto');
  $('theme').addEventListener('click', () => {
    const theme = next[document.documentElement.dataset.theme];
    localStorage.setItem('tutti.theme', theme);
    apply(theme);
  });
}
