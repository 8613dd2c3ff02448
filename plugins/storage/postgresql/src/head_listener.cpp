#include "head_listener.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "answer_wait.h"
#include "postgresql_dialect.h"

namespace tutti::storage::postgresql {
namespace {

constexpr std::chrono::milliseconds kFirstPause{250};
constexpr std::chrono::milliseconds kLongestPause{5000};

}  // namespace

std::optional<HeadAnnouncement> ReadAnnouncement(std::string_view text) {
  const std::size_t first = text.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : text.find(' ', first + 1);
  if (second == std::string_view::npos) {
    return std::nullopt;
  }
  HeadAnnouncement announcement{text.substr(0, first), 0, text.substr(second + 1)};
  const char* const end = text.data() + second;
  const auto read = std::from_chars(text.data() + first + 1, end, announcement.head);
  return read.ec == std::errc() && read.ptr == end ? std::optional(announcement) : std::nullopt;
}

bool HeadListener::Start() {
  if (thread_.joinable()) {
    return true;
  }
  stop_ = eventfd(0, EFD_CLOEXEC);
  if (stop_ < 0) {
    return false;
  }
  thread_ = std::thread([this] { Run(); });
  return true;
}

void HeadListener::Stop() {
  if (!thread_.joinable()) {
    return;
  }
  (void)eventfd_write(stop_, 1);
  thread_.join();
  close(stop_);
  stop_ = -1;
}

bool HeadListener::WaitStopped(int other, std::chrono::milliseconds timeout) const {
  pollfd waiting[] = {{stop_, POLLIN, 0}, {other, POLLIN, 0}};
  (void)poll(waiting, other < 0 ? 1 : 2, static_cast<int>(timeout.count()));
  return (waiting[0].revents & POLLIN) != 0;
}

void HeadListener::Run() {
  std::chrono::milliseconds pause = kFirstPause;
  do {
    const auto began = std::chrono::steady_clock::now();
    Listen();
    pause = std::chrono::steady_clock::now() - began > kLongestPause ? kFirstPause : std::min(pause * 2, kLongestPause);
  } while (!WaitStopped(-1, pause));
}

void HeadListener::Listen() {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> owner(PQconnectdb(target_.c_str()), &PQfinish);
  PGconn* const connection = owner.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    return;
  }
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  const std::string listen = std::string("LISTEN ") + kHeadsChannel;
  // A server that has gone silent must not hold up a stop.
  AnswerWait wait(connection, kLongestPause, [] { return false; });
  if (PQsetnonblocking(connection, 1) != 0 || PQsendQuery(connection, listen.c_str()) == 0) {
    return;
  }
  while (true) {
    if (!wait.ForResult()) {
      return;
    }
    const std::unique_ptr<PGresult, decltype(&PQclear)> answer(PQgetResult(connection), &PQclear);
    if (!answer) {
      break;
    }
    if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) {
      return;
    }
  }
  on_listening_();
  constexpr std::chrono::milliseconds kForEver{-1};
  while (!WaitStopped(PQsocket(connection), kForEver)) {
    if (PQconsumeInput(connection) == 0) {
      return;
    }
    while (PGnotify* raw = PQnotifies(connection)) {
      const std::unique_ptr<PGnotify, decltype(&PQfreemem)> notice(raw, &PQfreemem);
      const auto announcement = ReadAnnouncement(notice->extra);
      if (announcement && announcement->announcer != announcer_) {
        on_head_(announcement->stream, announcement->head);
      }
    }
  }
}

}  // namespace tutti::storage::postgresql
