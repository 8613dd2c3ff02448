#include "host/isolation/worker_requests.h"

#include <deque>
#include <utility>

#include "host/isolation/messages.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

struct WorkerRequests::Started {
  struct Item {
    std::string text;  // event, or the fields of the end
    bool is_end = false;
  };

  tutti_call id = 0;
  tutti_reply reply{};
  std::mutex mutex;
  std::deque<Item> items;    // guarded by mutex
  bool is_draining = false;  // guarded by mutex
  std::uint32_t taken = 0;   // of the one thread that drains
};

void WorkerRequests::Start(tutti_call id, FrameWriter& frame, const tutti_reply& reply) {
  auto started = std::make_shared<Started>();
  started->id = id;
  started->reply = reply;
  {
    const std::lock_guard lock(mutex_);
    started_.emplace(id, started);
  }
  const Channel::Sent sent = channel_.Send(frame);
  if (sent == Channel::Sent::kYes) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    started_.erase(id);
  }
  const Result<std::string> refused =
      sent == Channel::Sent::kTooLarge
          ? Status::ResourceExhausted("the request is larger than the " + std::to_string(channel_.max_frame()) +
                                      " bytes that leave a plugin's process at once")
          : Status::ResourceExhausted("the host does not keep up with this plugin's requests; try again later")
                .WithRetryAfter(std::chrono::milliseconds(500));
  WithOutcome(refused, [&](const tutti_outcome& outcome) {
    FrameWriter end(FrameType::kReplyEnd, id);
    Put(end, outcome);
    Queue(started, std::string(end.Finish().substr(FrameWriter::kHeader)), true);
  });
}

tutti_code WorkerRequests::Cancel(tutti_call id) {
  {
    const std::lock_guard lock(mutex_);
    if (!started_.contains(id)) {
      return TUTTI_NOT_FOUND;
    }
  }
  FrameWriter frame(FrameType::kCancelStarted, id);
  (void)channel_.SendAnswer(frame);
  return TUTTI_OK;
}

tutti_code WorkerRequests::Ask(AskOp op, std::string_view text, std::string* answer) {
  Question question;
  const std::uint64_t id = next_.fetch_add(1);
  FrameWriter frame(FrameType::kAsk, id, static_cast<std::uint16_t>(op));
  frame.Text(text);
  {
    const std::lock_guard lock(mutex_);
    questions_.emplace(id, &question);
  }
  const Channel::Sent sent = channel_.Send(frame);
  std::unique_lock lock(mutex_);
  if (sent == Channel::Sent::kYes) {
    answered_.wait_for(lock, ask_timeout_, [&] { return question.is_answered; });
  }
  questions_.erase(id);
  if (!question.is_answered) {
    return sent == Channel::Sent::kYes ? TUTTI_DEADLINE_EXCEEDED : TUTTI_RESOURCE_EXHAUSTED;
  }
  *answer = std::move(question.text);
  return question.code;
}

bool WorkerRequests::Event(const Frame& frame) {
  FieldReader fields(frame.fields);
  const std::string_view event = fields.Text();
  if (!fields.is_complete()) {
    return false;
  }
  StartedPtr started;
  {
    const std::lock_guard lock(mutex_);
    const auto found = started_.find(frame.id);
    started = found == started_.end() ? nullptr : found->second;
  }
  if (started != nullptr) {
    Queue(started, std::string(event), false);
  }
  return true;
}

bool WorkerRequests::End(const Frame& frame) {
  FieldReader fields(frame.fields);
  (void)ReadOutcome(fields);
  if (!fields.is_complete()) {
    return false;
  }
  StartedPtr started;
  {
    const std::lock_guard lock(mutex_);
    const auto found = started_.find(frame.id);
    if (found != started_.end()) {
      started = std::move(found->second);
      started_.erase(found);
    }
  }
  if (started != nullptr) {
    Queue(started, std::string(frame.fields), true);
  }
  return true;
}

bool WorkerRequests::Answer(const Frame& frame) {
  FieldReader fields(frame.fields);
  const auto code = static_cast<tutti_code>(fields.U32());
  const std::string_view text = fields.Text();
  if (!fields.is_complete()) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(frame.id);
  if (found != questions_.end()) {
    found->second->is_answered = true;
    found->second->code = code;
    found->second->text = text;
    answered_.notify_all();
  }
  return true;
}

void WorkerRequests::Queue(const StartedPtr& started, std::string text, bool is_end) {
  {
    const std::lock_guard lock(started->mutex);
    started->items.push_back({std::move(text), is_end});
    if (std::exchange(started->is_draining, true)) {
      return;
    }
  }
  executor_.Resume([this, started] { Drain(started); });
}

void WorkerRequests::Drain(const StartedPtr& started) {
  std::unique_lock lock(started->mutex);
  while (!started->items.empty()) {
    const Started::Item item = std::move(started->items.front());
    started->items.pop_front();
    lock.unlock();
    if (item.is_end) {
      FieldReader fields(item.text);
      const tutti_outcome outcome = ReadOutcome(fields);
      const CallbackClock::Running running(callbacks_, "reply.on_finish");
      started->reply.on_finish(started->reply.user, &outcome);
      return;
    }
    if (started->reply.on_event != nullptr) {
      const CallbackClock::Running running(callbacks_, "reply.on_event");
      started->reply.on_event(started->reply.user, Str(item.text));
    }
    if (++started->taken * 4 >= event_window_) {
      FrameWriter ack(FrameType::kReplyAck, started->id);
      ack.U32(std::exchange(started->taken, 0));
      (void)channel_.SendAnswer(ack);
    }
    lock.lock();
  }
  started->is_draining = false;
}

}  // namespace tutti::host
