// Chooses the scene that answers a situation.
//
// Threads: Choose from any thread. The only state is how often each scene with `times` was played.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "placeholders.h"
#include "script.h"
#include "situation.h"

namespace tutti::rehearsal {

struct Choice {
  const Scene* scene;  // lives as long as the playbook
  Captures captures;
};

class Playbook {
 public:
  // Scenes are tried in order; the first that matches is played.
  explicit Playbook(std::vector<Script> scripts);

  // NOT_FOUND when no scene matches.
  Result<Choice> Choose(const Situation& situation);

 private:
  bool TakeTurn(std::size_t scene);

  std::vector<Scene> scenes_;
  std::mutex mutex_;
  std::vector<std::int64_t> played_;  // guarded by mutex_, one per scene
};

}  // namespace tutti::rehearsal
