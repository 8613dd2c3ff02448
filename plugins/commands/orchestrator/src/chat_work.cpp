#include "chat_work.h"

#include <utility>

namespace tutti::orchestrator {

ChatWork TakeWork(std::deque<ChatWork>& waiting) {
  ChatWork work = std::move(waiting.front());
  waiting.pop_front();
  while (work.IsPlain() && !waiting.empty() && waiting.front().IsPlain()) {
    work.text += "\n\n" + waiting.front().text;
    waiting.pop_front();
  }
  return work;
}

}  // namespace tutti::orchestrator
