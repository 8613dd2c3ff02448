// The connection: asks who is there, opens the socket, reads the history, and begins anew when the socket ends.
//
// Messages that arrive while the history is being read are applied after it, by id, so that nothing is lost between.
import * as api from './api.js';

const kLimit = 300;
const kFirstPauseMs = 500;
const kLongestPauseMs = 10000;
const kApprovalsMs = 3000;

export class Session {
  // `onState` gets connecting | connected | reconnecting | disconnected | token, and a sentence.
  constructor(store, onState) {
    this.store = store;
    this.onState = onState;
    this.pause = kFirstPauseMs;
    this.attempt = 0;
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => document.hidden || this.hurry());
  }

  async connect() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const attempt = ++this.attempt;
    try {
      this.store.setOrchestrator(await api.get('/get_orchestrator'));
    } catch (error) {
      if (attempt !== this.attempt) return;
      if (error.status === 401) {
        this.onState('token', api.token.get() ? 'wrong' : '');
      } else {
        this.retry('disconnected', error.message);
      }
      return;
    }
    if (attempt === this.attempt) this.openSocket(attempt);
  }

  openSocket(attempt) {
    const socket = api.openSocket();
    let early = [];  // what came before the history; null: it is there
    socket.onmessage = event => {
      if (attempt !== this.attempt) return;
      const message = parse(event.data);
      if (message === null) return;
      if (message.type === 'connection_established') {
        this.readHistory(attempt).then(() => {
          const waiting = early;
          early = null;
          waiting?.forEach(one => this.receive(one));
        });
      } else if (early !== null) {
        early.push(message);
      } else {
        this.receive(message);
      }
    };
    socket.onclose = () => {
      if (attempt === this.attempt) this.retry('reconnecting', 'the connection was cut');
    };
    this.socket = socket;
  }

  async readHistory(attempt) {
    const {store} = this;
    const id = store.orchestrator.id;
    const steps = [
      ['The agents', async () => store.setAgents((await api.get('/list_agents')).agents)],
      ['The chat', async () => store.setChat(await api.post('/load_chat', {orchestrator_agent_id: id, limit: kLimit}))],
      ['The events', async () => store.setEvents(await api.get(`/get_events?limit=${kLimit}`))],
      ['The questions', () => this.readQuestions()],
      ['The approvals', () => this.readApprovals()],
    ];
    const failures = [];
    for (const [what, step] of steps) {
      if (attempt !== this.attempt) return;
      try {
        await step();
      } catch (error) {
        failures.push(`${what} could not be read: ${error.message}`);
      }
    }
    if (attempt !== this.attempt) return;
    this.pause = kFirstPauseMs;
    this.onState('connected', '');
    failures.forEach(text => store.notice(text));
  }

  // Without the plugin there are none.
  async readQuestions() {
    try {
      this.store.setQuestions((await api.get('/v1/questions?status=open')).questions);
    } catch (error) {
      if (error.status !== 404) throw error;
      this.store.setQuestions([]);
    }
  }

  // They have no messages of their own on this socket, so they are looked for while somebody looks. Without the plugin
  // there are none.
  async readApprovals() {
    clearTimeout(this.approvalsTimer);
    const attempt = this.attempt;
    try {
      if (!document.hidden) this.store.setApprovals((await api.get('/v1/approvals?status=pending')).approvals);
    } catch (error) {
      this.store.setApprovals([]);
      if (error.status === 404) return;
      if (error.status !== 0 && error.status !== 503) throw error;
    }
    if (attempt === this.attempt) this.approvalsTimer = setTimeout(() => this.readApprovals().catch(() => {}), kApprovalsMs);
  }

  receive(message) {
    if (message.type === 'agent_created') {
      api.get('/list_agents').then(answer => this.store.setAgents(answer.agents),
        error => this.store.notice(`The agents could not be read: ${error.message}`));
    } else if (message.type === 'gap') {
      this.readHistory(this.attempt);
    } else {
      this.store.apply(message);
    }
  }

  retry(state, reason) {
    this.socket?.close();
    this.socket = undefined;
    this.attempt += 1;
    this.onState(state, reason);
    const wait = this.pause * (0.75 + Math.random() / 2);
    this.pause = Math.min(this.pause * 2, kLongestPauseMs);
    this.timer = setTimeout(() => this.connect(), wait);
  }

  // The network is back, or somebody looks: no reason to wait longer.
  hurry() {
    if (this.timer !== undefined) this.connect();
  }

  async send(text) {
    const {store} = this;
    const own = store.addOwn(text);
    try {
      await api.post('/send_chat', {message: text, orchestrator_agent_id: store.orchestrator.id});
      store.setOwn(own, 'sent');
    } catch (error) {
      store.setOwn(own, 'failed', error.message);
    }
  }

  async answer(question, answers) {
    await api.post(`/v1/questions/${question.id}/answer`, {answers});
  }

  async approve(approval, body) {
    try {
      await api.post(`/v1/approvals/${approval.id}`, body);
    } finally {
      this.readApprovals().catch(() => {});
    }
  }

  async refreshCommands() {
    try {
      const [answer, registry] = await Promise.all([api.get('/get_orchestrator'), api.get('/v1/commands').catch(() => [])]);
      this.store.setCommands(answer, registry);
    } catch {
      // The ones known so far will do.
    }
  }
}

function parse(text) {
  try {
    const message = JSON.parse(text);
    return message !== null && typeof message === 'object' ? message : null;
  } catch {
    return null;
  }
}
