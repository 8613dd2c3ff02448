// Puts the parts together.
import {token} from './api.js';
import {showApprovals} from './approvals_view.js';
import {showAgents} from './agents_view.js';
import {showChat} from './chat_view.js';
import {Composer} from './composer.js';
import {$} from './dom.js';
import {EventsView} from './events_view.js';
import {showHeader, showState, watchTheme} from './header_view.js';
import {showQuestions} from './questions_view.js';
import {Session} from './session.js';
import {Store} from './store.js';

const store = new Store();
const session = new Session(store, (state, reason) => {
  showState(state, reason);
  composer.enable(state === 'connected');
  if (state === 'token') askForToken(reason === 'wrong');
});
const composer = new Composer(store, session);

let drawAgents = () => {};
const events = new EventsView(store, () => drawAgents());
drawAgents = showAgents(store, {chosen: () => events.agent, choose: id => events.choose(id)});
const chat = showChat(store, session);
showQuestions(store, session);
showApprovals(store, session);
showHeader(store);
watchTheme();

function askForToken(isWrong) {
  const dialog = $('token-dialog');
  $('token-wrong').hidden = !isWrong;
  $('token').value = '';
  if (!dialog.open) dialog.showModal();
}

// There is nothing to see without a token.
$('token-dialog').addEventListener('cancel', event => event.preventDefault());
$('token-form').addEventListener('submit', () => {
  token.set($('token').value.trim());
  session.connect();
});

// On narrow screens one panel is shown at a time.
const tabs = [...document.querySelectorAll('[data-show]')];
function show(panel) {
  document.body.dataset.panel = panel;
  tabs.forEach(tab => tab.setAttribute('aria-pressed', String(tab.dataset.show === panel)));
  if (panel === 'chat') chat.sync();
  if (panel === 'events') events.list.sync();
}
tabs.forEach(tab => tab.addEventListener('click', () => show(tab.dataset.show)));
show('chat');

session.connect();
