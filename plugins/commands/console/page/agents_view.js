// The agents: what each is doing, what it has used, and which one the events are limited to.
import {$, batched, el} from './dom.js';
import {count, dollars, hue, plural} from './format.js';

const kContextTokens = 200000;

export const contextShare = one => (Number(one.input_tokens || 0) + Number(one.output_tokens || 0)) / kContextTokens;

export function showAgents(store, {chosen, choose}) {
  const box = $('agents');
  const draw = batched(() => {
    const focused = document.activeElement?.closest?.('.agent')?.dataset.agent;
    const agents = [...store.agents.values()];
    box.replaceChildren(...agents.map(agent => card(agent, chosen() === agent.id, choose)));
    if (agents.length === 0) {
      box.append(el('p', {class: 'empty'}, 'No agents yet. The orchestrator creates them when you ask for one.'));
    }
    if (focused) box.querySelector(`[data-agent="${CSS.escape(focused)}"]`)?.focus();
    const running = agents.filter(agent => agent.status === 'executing').length;
    $('running').textContent = agents.length === 0 ? '' : `${plural(agents.length, 'agent')}, ${running} running`;
  });
  store.on('agents', draw);
  store.on('pulse', id => {
    const node = box.querySelector(`[data-agent="${CSS.escape(id)}"]`);
    node?.getAnimations().forEach(animation => animation.cancel());
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) {
      node?.animate([{boxShadow: '0 0 0 3px var(--accent-soft)'}, {boxShadow: 'none'}], 700);
    }
  });
  return draw;
}

function card(agent, isChosen, choose) {
  const status = agent.status ?? 'idle';
  const task = agent.adw_step ?? agent.task ?? agent.latest_summary;
  const template = agent.metadata?.template_name;
  const share = Math.min(1, contextShare(agent));
  const meter = el('i', {});
  meter.style.width = `${(share * 100).toFixed(1)}%`;
  return el('button', {type: 'button', class: `agent ${hue(agent.name)}`, 'data-agent': agent.id, 'aria-pressed': String(isChosen),
    title: isChosen ? 'Show the events of all agents' : `Show only the events of ${agent.name}`,
    on: {click: () => choose(isChosen ? null : agent.id)}},
  el('span', {class: 'agent-head'}, el('b', {}, agent.name), el('span', {class: `status ${status}`}, status)),
  el('span', {class: 'agent-model'}, agent.model, template ? el('em', {}, template) : null),
  task ? el('span', {class: 'agent-task'}, task) : null,
  el('span', {class: 'agent-figures'},
    el('span', {title: 'Tokens in'}, `↑ ${count(agent.input_tokens)}`), el('span', {title: 'Tokens out'}, `↓ ${count(agent.output_tokens)}`),
    el('span', {class: 'agent-cost', title: 'Cost'}, dollars(agent.total_cost))),
  el('span', {class: 'meter', title: `Context: ${(share * 100).toFixed(1)} % of ${count(kContextTokens)}`}, meter));
}
