// Questions agents wait on. The first answer counts, whoever gives it; the others see the question go.
import {$, el} from './dom.js';
import {hue, moment, remaining} from './format.js';

const kTick = 15000;

export function showQuestions(store, session) {
  const box = $('questions');
  const cards = new Map();  // id -> form; kept while the question is open, so that what was chosen stays
  const draw = () => {
    for (const [id, card] of cards) {
      if (!store.questions.has(id)) {
        card.remove();
        cards.delete(id);
      }
    }
    for (const question of store.questions.values()) {
      if (!cards.has(question.id)) {
        cards.set(question.id, form(question, session));
        box.append(cards.get(question.id));
      }
    }
    const waiting = store.questions.size;
    document.title = waiting > 0 ? `(${waiting}) Tutti` : 'Tutti';
  };
  store.on('questions', draw);
  store.on('question closed', question => {
    const who = question.agent_name ?? 'an agent';
    if (question.status !== 'answered') {
      store.notice(`The question of ${who} was closed: ${question.reason ?? question.status}`, 'quiet');
    } else {
      const answer = Object.values(question.answers ?? {}).flat().join(', ');
      store.notice(`${who} was answered${question.answered_by ? ` by ${question.answered_by}` : ''}: ${answer}`, 'quiet');
    }
  });
  setInterval(() => {
    for (const node of box.querySelectorAll('[data-expires]')) node.textContent = `${remaining(node.dataset.expires)} left`;
  }, kTick);
}

function form(question, session) {
  const wrong = el('p', {class: 'wrong', hidden: true});
  const fields = question.questions.map((one, index) => field(question, one, index));
  const button = el('button', {type: 'submit'}, 'Answer');
  return el('form', {class: `question ${hue(question.agent_name ?? '')}`, 'data-question': question.id, on: {submit: async event => {
    event.preventDefault();
    const answers = {};
    const missing = fields.find(one => one.value().length === 0);
    wrong.hidden = missing === undefined;
    if (missing !== undefined) {
      wrong.textContent = 'Choose an option or write an answer.';
      missing.first.focus();
      return;
    }
    for (const one of fields) answers[one.text] = one.multiple ? one.value() : one.value()[0];
    button.disabled = true;
    try {
      await session.answer(question, answers);
    } catch (error) {
      wrong.hidden = false;
      wrong.textContent = error.message;
    }
    button.disabled = false;
  }}},
  el('header', {}, el('b', {class: 'who'}, question.agent_name ?? 'An agent'), el('span', {}, 'asks'),
    el('time', {'data-expires': question.expires_at, title: moment(question.expires_at)}, `${remaining(question.expires_at)} left`)),
  fields.map(one => one.node), wrong, button);
}

function field(question, one, index) {
  const name = `q-${question.id}-${index}`;
  const type = one.multiSelect ? 'checkbox' : 'radio';
  const inputs = (one.options ?? []).map(option => el('input', {type, name, value: option.label}));
  const other = el('input', {type: 'text', 'aria-label': 'Another answer', placeholder: inputs.length > 0 ? 'Something else' : 'Answer'});
  other.addEventListener('input', () => {
    if (!one.multiSelect && other.value !== '') inputs.forEach(input => { input.checked = false; });
  });
  inputs.forEach(input => input.addEventListener('change', () => { if (!one.multiSelect) other.value = ''; }));
  const node = el('fieldset', {}, el('legend', {}, one.header ? el('span', {class: 'chip'}, one.header) : null, one.question),
    inputs.map((input, at) => el('label', {class: 'option'}, input,
      el('span', {}, el('b', {}, one.options[at].label), one.options[at].description ? el('small', {}, one.options[at].description) : null))),
    other);
  return {
    node, text: one.question, multiple: one.multiSelect === true, first: inputs[0] ?? other,
    value: () => [...inputs.filter(input => input.checked).map(input => input.value), ...(other.value.trim() ? [other.value.trim()] : [])],
  };
}
