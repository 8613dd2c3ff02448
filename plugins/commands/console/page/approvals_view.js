// What agents and clients may do only when a person allows it. The first answer counts; the others see the card go.
import {$, el} from './dom.js';
import {hue, moment, remaining} from './format.js';

export function showApprovals(store, session) {
  const box = $('approvals');
  const cards = new Map();  // id -> card; kept while it is pending, so that what was typed stays
  store.on('approvals', () => {
    for (const [id, node] of cards) {
      if (!store.approvals.has(id)) {
        node.remove();
        cards.delete(id);
      }
    }
    for (const approval of store.approvals.values()) {
      if (!cards.has(approval.id)) {
        cards.set(approval.id, card(approval, session));
        box.append(cards.get(approval.id));
      }
    }
  });
}

function card(approval, session) {
  const wrong = el('p', {class: 'wrong', hidden: true});
  const reason = el('input', {type: 'text', 'aria-label': 'Reason', placeholder: 'Reason, if you deny'});
  const buttons = [];
  const answer = async body => {
    buttons.forEach(button => { button.disabled = true; });
    try {
      await session.approve(approval, body);
    } catch (error) {
      wrong.hidden = false;
      wrong.textContent = error.message;
    }
    buttons.forEach(button => { button.disabled = false; });
  };
  const button = (text, title, body) => {
    const node = el('button', {type: 'button', title, on: {click: () => answer(body())}}, text);
    buttons.push(node);
    return node;
  };
  return el('form', {class: `question approval ${hue(approval.agent_name ?? '')}`, 'data-approval': approval.id,
    on: {submit: event => event.preventDefault()}},
  el('header', {}, el('b', {class: 'who'}, approval.agent_name ?? approval.principal ?? 'A client'), el('span', {}, 'needs your approval'),
    el('time', {title: moment(approval.expires_at)}, `${remaining(approval.expires_at)} left`)),
  el('p', {}, approval.why), reason, wrong,
  el('div', {class: 'answers'},
    button('Allow', 'This once', () => ({answer: 'allow'})),
    approval.always ? button('Always', approval.always.text, () => ({answer: 'allow', always: true})) : null,
    button('Deny', 'The agent is told the reason and goes on', () => ({answer: 'deny', reason: reason.value.trim()}))));
}
