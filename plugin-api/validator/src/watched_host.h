// A tutti_host between a plugin and the fake host: notes what the plugin asks for and every rule of tutti/abi/ that it
// breaks in what it calls, and can look like an older host, a newer one, or one that lacks services.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "guarded_block.h"
#include "tutti/sdk/testing/fake_host.hpp"

namespace tutti::validator {

// How the host looks. Every table ends where readable memory ends, so that reading past its `size` is a crash.
struct HostShape {
  std::set<std::string> missing;  // services that get_service answers with NULL
  std::string cut;                // the service whose table ends before its last function
  std::uint32_t extra_bytes = 0;  // behind every table and the host, as in a newer one; a multiple of eight
};

// One at a time in a process. Make it after the fake host and before the plugin; it must go after the plugin.
class WatchedHost {
 public:
  // As far as the plugin has come; each has the states before it.
  enum class Stage { kNone, kCreated, kInited, kActive, kDestroyed };

  WatchedHost(testing::FakeHost& host, const tutti_entry& entry, const HostShape& shape);
  ~WatchedHost();
  WatchedHost(const WatchedHost&) = delete;
  WatchedHost& operator=(const WatchedHost&) = delete;

  // In place of the entry's own: follows the plugin's life cycle.
  static tutti_code Create(const tutti_host* host, tutti_plugin* plugin, const tutti_sink* error);

  // Ids of all services, in the order of the headers.
  static const std::vector<std::string>& Services();

  // One sentence for each rule that was broken, in the order in which it was first broken.
  [[nodiscard]] std::vector<std::string> findings() const;

  // Names such as "tutti.host.store/0 execute" of the functions the plugin has called.
  [[nodiscard]] std::set<std::string> used() const;

  // Ids that get_service was asked for.
  [[nodiscard]] std::set<std::string> asked() const;

  // For the tables. false: the call must not be passed on.
  bool Enter(std::string_view function, const tutti_host* host, Stage earliest, bool blocks);
  void Note(std::string sentence);
  static WatchedHost* Current();

 private:
  struct LifeCycle;
  friend struct LifeCycle;

  static const void* GetService(const tutti_host* host, const char* id);
  void AddTable(const char* id, const void* table, std::size_t size);

  testing::FakeHost& host_;
  const tutti_entry& entry_;
  const HostShape shape_;
  const std::thread::id main_ = std::this_thread::get_id();
  std::atomic<Stage> stage_{Stage::kNone};
  std::atomic<bool> was_active_{false};
  tutti_plugin real_{};  // the plugin's own life cycle functions
  GuardedBlock raw_;
  std::map<std::string, std::unique_ptr<GuardedBlock>, std::less<>> tables_;
  mutable std::mutex mutex_;
  std::vector<std::string> findings_;  // guarded by mutex_
  std::set<std::string> used_;         // guarded by mutex_
  std::set<std::string> asked_;        // guarded by mutex_
};

}  // namespace tutti::validator
