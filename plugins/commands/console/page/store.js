// What the page knows, made of the history answers and of the live messages, which use different names for the same
// things. Views ask to be told per topic: orchestrator, agents, chat, events, questions, approvals, typing, notice.
import {toolName} from './format.js';

const kMostItems = 2000;  // of chat and of events, each; the oldest leave

const kKinds = {
  text: 'text', TextBlock: 'text', thinking: 'thinking', ThinkingBlock: 'thinking', tool_use: 'tool', ToolUseBlock: 'tool',
};

// A command of the registry as the console's list has commands; null for those that nobody types by hand.
function typedCommand(command) {
  const usage = /^\/(\S+)\s*(.*)$/.exec(command.slash ?? '');
  if (usage === null || usage[2].includes('{json}')) return null;
  return {name: usage[1], arguments: usage[2], description: command.summary ?? ''};
}

export class Store {
  constructor() {
    this.orchestrator = null;
    this.commands = [];
    this.agents = new Map();
    this.chat = [];
    this.chatIds = new Set();
    this.events = [];
    this.eventById = new Map();  // by row id, calls of tools also by tool_use_id
    this.results = new Map();  // tool_use_id -> {result, is_error}
    this.questions = new Map();
    this.approvals = new Map();
    this.turnCount = 0;
    this.typing = false;
    this.listeners = new Map();
    this.serial = 0;
  }

  on(topic, listener) {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), listener]);
  }

  tell(topic, value) {
    for (const listener of this.listeners.get(topic) ?? []) listener(value);
  }

  // Answers of the routes. Each replaces what was known.

  setOrchestrator(answer) {
    if (this.orchestrator !== null && this.orchestrator.id !== answer.orchestrator.id) {
      this.typing = false;
      this.tell('typing');
    }
    this.orchestrator = answer.orchestrator;
    this.setCommands(answer);
    this.tell('orchestrator');
  }

  // `registry`: what the server itself can be told; a file of the same name is what is meant by it.
  setCommands(answer, registry = []) {
    const files = answer.slash_commands ?? [];
    const names = new Set(files.map(file => file.name));
    this.commands = [...files, ...registry.map(typedCommand).filter(command => command !== null && !names.has(command.name))];
  }

  setAgents(agents) {
    const before = this.agents;
    this.agents = new Map(agents.map(agent => {
      const summary = agent.latest_summary ?? before.get(agent.id)?.latest_summary;
      return [agent.id, {...agent, latest_summary: summary}];
    }));
    this.tell('agents');
  }

  setChat(answer) {
    // What was sent and is stored stands in the history now.
    const unsent = this.chat.filter(item => item.state === 'failed' || item.state === 'sending');
    this.turnCount = answer.turn_count ?? 0;
    this.chat = [];
    this.chatIds = new Set();
    for (const message of answer.messages) this.addChat(chatItem(message));
    this.chat.push(...unsent);
    this.tell('chat');
  }

  setEvents(answer) {
    this.events = [];
    this.eventById = new Map();
    this.results = new Map();
    for (const event of answer.events) {
      if (event.sourceType === 'agent_log') this.addEvent(event);
    }
    this.tell('events');
  }

  setQuestions(questions) {
    this.questions = new Map(questions.map(question => [question.id, question]));
    this.tell('questions');
  }

  setApprovals(approvals) {
    this.approvals = new Map(approvals.map(approval => [approval.id, approval]));
    this.tell('approvals');
  }

  // Live messages. Unknown types are passed over.
  apply(message) {
    const handler = kHandlers[message.type];
    if (handler !== undefined) handler(this, message);
  }

  addChat(item) {
    if (this.chatIds.has(item.id)) return;
    this.chatIds.add(item.id);
    // What is still on its way stays below what has arrived.
    let at = this.chat.length;
    while (at > 0 && this.chat[at - 1].state !== undefined) --at;
    this.chat.splice(at, 0, item);
    while (this.chat.length > kMostItems) this.chatIds.delete(this.chat.shift().id);
  }

  notice(text, level = 'error') {
    this.addChat({id: `notice-${++this.serial}`, role: 'notice', level, text, time: new Date().toISOString()});
    this.tell('chat');
  }

  // The user's own line, shown before the server has it.
  addOwn(text) {
    const item = {id: `own-${++this.serial}`, role: 'user', text, time: new Date().toISOString(), state: 'sending', version: 0};
    this.chat.push(item);
    this.tell('chat');
    return item;
  }

  setOwn(item, state, reason = '') {
    if (!this.chat.includes(item)) return;
    item.state = state;
    item.reason = reason;
    item.version += 1;
    this.tell('chat');
  }

  removeOwn(item) {
    this.chat = this.chat.filter(other => other !== item);
    this.tell('chat');
  }

  addEvent(log) {
    if (log.event_type === 'FileTrackingBlock') {
      this.attachFiles(log);
      return;
    }
    if (typeof log.event_type !== 'string' || this.eventById.has(log.id)) return;
    const payload = log.payload ?? {};
    const item = {
      id: log.id, version: 0, agentId: log.agent_id, time: log.timestamp, type: log.event_type, payload,
      agentName: log.agent_name ?? this.agents.get(log.agent_id)?.name ?? String(log.agent_id).slice(-6),
      kind: kKinds[log.event_type] ?? 'hook',
      text: payload.text ?? payload.thinking ?? log.content ?? log.summary ?? '',
      files: Array.isArray(payload.file_changes) || Array.isArray(payload.read_files) ? payload : null,
    };
    this.events.push(item);
    this.eventById.set(item.id, item);
    if (item.kind === 'tool') item.tool = toolName(payload.tool_name);
    if (item.kind === 'tool' && payload.tool_use_id) this.eventById.set(payload.tool_use_id, item);
    if (log.event_type === 'PostToolUse' && payload.tool_use_id) {
      this.results.set(payload.tool_use_id, payload);
      const call = this.eventById.get(payload.tool_use_id);
      if (call !== undefined) call.version += 1;
    }
    while (this.events.length > kMostItems) this.forget(this.events.shift());
  }

  forget(item) {
    this.eventById.delete(item.id);
    this.eventById.delete(item.payload.tool_use_id);
    this.results.delete(item.payload.tool_use_id);
  }

  attachFiles(log) {
    const parent = this.eventById.get(log.parent_log_id);
    if (parent === undefined) return;
    parent.files = log.payload;
    parent.version += 1;
  }

  changeAgent(id, change) {
    const agent = this.agents.get(id);
    if (agent === undefined) return;
    this.agents.set(id, {...agent, ...change});
    this.tell('agents');
  }
}

function chatItem(message) {
  const metadata = message.metadata ?? {};
  const base = {id: message.id, version: 0, time: message.timestamp ?? message.created_at};
  if (metadata.type === 'thinking') return {...base, role: 'thinking', text: metadata.thinking};
  if (metadata.type === 'tool_use') {
    return {...base, role: 'tool', tool: toolName(metadata.tool_name), input: metadata.tool_input};
  }
  return {...base, role: message.sender_type === 'user' ? 'user' : 'orchestrator', text: message.message};
}

const kHandlers = {
  orchestrator_chat(store, {message}) {
    if (message.sender_type === 'user') {
      const own = store.chat.find(item => item.state !== undefined && item.state !== 'failed' && item.text === message.message);
      if (own !== undefined) store.chat.splice(store.chat.indexOf(own), 1);
    }
    const known = store.chatIds.has(message.id);
    store.addChat(chatItem(message));
    if (!known) store.turnCount += 1;
    store.tell('chat');
  },
  thinking_block(store, {data}) {
    store.addChat({id: data.id, version: 0, role: 'thinking', text: data.thinking, time: data.timestamp});
    store.tell('chat');
  },
  tool_use_block(store, {data}) {
    store.addChat({id: data.id, version: 0, role: 'tool', tool: toolName(data.tool_name), input: data.tool_input, time: data.timestamp});
    store.tell('chat');
  },
  chat_typing(store, message) {
    store.typing = message.is_typing === true;
    store.tell('typing');
  },
  chat_stream(store, message) {
    store.typing = message.is_complete === false;
    store.tell('typing');
  },
  error(store, message) {
    store.typing = false;
    store.tell('typing');
    store.notice(`${message.message}: ${message.details?.error ?? ''}`);
  },
  system_log(store, {data}) {
    if (data?.message) store.notice(data.message, 'quiet');
  },
  orchestrator_updated(store, {orchestrator}) {
    if (store.orchestrator?.id !== orchestrator.id) return;
    store.orchestrator = {...store.orchestrator, ...orchestrator};
    store.tell('orchestrator');
  },
  agent_updated: (store, {agent_id: id, agent}) => store.changeAgent(id, agent),
  agent_status_changed: (store, {agent_id: id, new_status: status}) => store.changeAgent(id, {status}),
  agent_summary_update: (store, {agent_id: id, summary}) => store.changeAgent(id, {latest_summary: summary}),
  agent_deleted(store, {agent_id: id}) {
    store.agents.delete(id);
    store.tell('agents');
  },
  agent_log(store, {log}) {
    store.addEvent(log);
    store.tell('events');
    if (log.event_category === 'hook' || /tool/i.test(log.event_type)) store.tell('pulse', log.agent_id);
  },
  question_asked(store, {question}) {
    store.questions.set(question.id, question);
    store.tell('questions');
  },
  question_closed(store, {question}) {
    const known = store.questions.get(question.id);
    store.questions.delete(question.id);
    store.tell('questions');
    if (known !== undefined) store.tell('question closed', {...known, ...question});
  },
};
