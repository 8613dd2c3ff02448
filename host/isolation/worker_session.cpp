#include "host/isolation/worker_session.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "host/isolation/frame_buffer.h"
#include "tutti/sdk/call.hpp"

namespace tutti::host {

namespace {

thread_local const WorkerSession* reading = nullptr;

}  // namespace

WorkerSession::WorkerSession(int socket, const tutti_host* host, const PluginGrants& grants, CallTable& table,
                             Settings settings, Listener listener)
    : socket_(socket),
      settings_(settings),
      listener_(std::move(listener)),
      channel_(std::make_shared<Channel>(socket, settings.channel)),
      calls_(std::make_shared<ServedCalls>(
          host, static_cast<const tutti_host_calls*>(host->get_service(host, TUTTI_SERVICE_CALLS)), table, channel_,
          settings.calls)),
      services_(std::make_shared<ServiceBridge>(host, grants, channel_, settings.services, listener_.on_fault)) {}

WorkerSession::~WorkerSession() {
  Stop();
}

void WorkerSession::Start() {
  reader_ = std::thread([this] { Read(); });
}

void WorkerSession::Stop() {
  if (is_stopped_.exchange(true)) {
    return;
  }
  ::shutdown(socket_, SHUT_RDWR);
  channel_->Stop();
  if (reader_.joinable()) {
    reader_.join();
  }
}

void WorkerSession::Read() {
  reading = this;
  FrameBuffer buffer(settings_.channel.max_frame);
  while (true) {
    const std::span<char> room = buffer.Room();
    const ssize_t got = ::recv(socket_, room.data(), room.size(), 0);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      break;
    }
    buffer.Added(static_cast<std::size_t>(got));
    while (true) {
      const Result<std::optional<Frame>> next = buffer.Next();
      if (!next.ok()) {
        listener_.on_fault("it broke the rules of the socket: " + std::string(next.status().message()));
        listener_.on_closed();
        return;
      }
      if (!*next) {
        break;
      }
      const Frame& frame = **next;
      if (!Handle(frame)) {
        listener_.on_fault("it broke the rules of the socket: a frame of type " +
                           std::to_string(static_cast<unsigned>(frame.type)) + " and operation " +
                           std::to_string(frame.op) + " does not have the fields it should");
        listener_.on_closed();
        return;
      }
    }
  }
  listener_.on_closed();
}

bool WorkerSession::Handle(const Frame& frame) {
  switch (frame.type) {
    case FrameType::kEnd:
      return calls_->Ended(frame);
    case FrameType::kEvent:
      return calls_->Event(frame);
    case FrameType::kDone:
      return Done(frame);
    case FrameType::kEventsDone: {
      const std::lock_guard lock(mutex_);
      if (batches_ == 0) {
        return false;
      }
      --batches_;
      done_.notify_all();
      return true;
    }
    case FrameType::kPong:
      return Pong(frame);
    default:
      return services_->Handle(frame);
  }
}

bool WorkerSession::Pong(const Frame& frame) {
  FieldReader fields(frame.fields);
  const std::chrono::milliseconds age(fields.I64());
  const std::string_view operation = fields.Text();
  if (!fields.is_complete()) {
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    held_ = {age, std::string(operation)};
  }
  last_pong_ = frame.id;
  return true;
}

bool WorkerSession::Done(const Frame& frame) {
  FieldReader fields(frame.fields);
  const auto code = static_cast<tutti_code>(fields.U32());
  const std::string_view message = fields.Text();
  const std::string_view payload = fields.Text();
  if (!fields.is_complete()) {
    return false;
  }
  const bool known = code >= 0 && code <= TUTTI_UNAUTHENTICATED;
  const std::lock_guard lock(mutex_);
  const auto found = waiters_.find(frame.id);
  if (found == waiters_.end()) {
    return true;  // whoever asked has given up
  }
  found->second->is_done = true;
  found->second->result = code == TUTTI_OK
                              ? Result<std::string>(std::string(payload))
                              : Status(known ? static_cast<Code>(code) : Code::kUnknown, std::string(message));
  done_.notify_all();
  return true;
}

Result<std::string> WorkerSession::Request(FrameWriter& frame, std::uint64_t id, std::chrono::milliseconds timeout) {
  Waiter waiter;
  std::unique_lock lock(mutex_);
  if (!failed_.ok()) {
    return failed_;
  }
  waiters_.emplace(id, &waiter);
  lock.unlock();
  const Channel::Sent sent = channel_->SendAnswer(frame);
  lock.lock();
  const bool in_time = sent != Channel::Sent::kTooLarge &&
                       done_.wait_for(lock, timeout, [&] { return waiter.is_done || !failed_.ok(); });
  waiters_.erase(id);
  if (waiter.is_done) {
    return std::move(waiter.result);
  }
  if (!failed_.ok()) {
    return failed_;
  }
  if (sent == Channel::Sent::kTooLarge) {
    return Status::ResourceExhausted("more than the " + std::to_string(channel_->max_frame()) +
                                     " bytes that cross to a plugin's process at once");
  }
  return in_time ? Status::Internal("the plugin's process answered nothing")
                 : Status::DeadlineExceeded("the plugin's process did not answer within " +
                                            std::to_string(timeout.count()) + " ms");
}

void WorkerSession::SendEvents(FrameWriter& frame) {
  {
    std::unique_lock lock(mutex_);
    const auto may_go_on = [this] { return !failed_.ok() || batches_ < settings_.event_batches; };
    if (!done_.wait_for(lock, settings_.events_timeout, may_go_on)) {
      lock.unlock();
      listener_.on_fault("its on_events did not return for " + std::to_string(settings_.events_timeout.count()) +
                         " ms");
      return;
    }
    if (!failed_.ok()) {
      return;
    }
    ++batches_;
  }
  if (channel_->SendAnswer(frame) == Channel::Sent::kTooLarge) {
    const std::lock_guard lock(mutex_);
    --batches_;
  }
}

bool WorkerSession::is_reader() const {
  return reading == this;
}

void WorkerSession::Ping(std::uint64_t number) {
  FrameWriter frame(FrameType::kPing, number);
  (void)channel_->SendAnswer(frame);
}

void WorkerSession::Fail(const Status& reason) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = reason;
  }
  done_.notify_all();
  calls_->Fail(reason);
  services_->Fail();
}

}  // namespace tutti::host
