// Zoo: a server with one bad plugin (specimens/animal.cpp) in its own process or apart, and a good one that is asked
// all the time meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/live_server.h"

namespace tutti::test {

inline constexpr const char* kAnimal = "org.example.animal";

// Where the bad plugin runs.
enum class Place { kHost, kProcess };

inline constexpr Place kPlaces[] = {Place::kHost, Place::kProcess};

inline const char* NameOf(Place place) {
  return place == Place::kHost ? "Host" : "Process";
}

// "crash in on_point" -> "CrashInOnPoint", for the name of a test.
std::string CaseName(const std::string& text);

// Sends a request that must always be answered, one after another, from construction until Stop.
class Visitor {
 public:
  explicit Visitor(std::uint16_t port);

  ~Visitor() { (void)Stop(); }

  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;

  // Ends it; what went wrong, empty when every request was answered and at least one was sent since the start.
  std::string Stop();

 private:
  void Ask(std::uint16_t port);

  std::atomic<bool> is_over_{false};
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<bool> has_failed_{false};
  std::string failure_;  // of the thread until it has ended: the first
  std::thread thread_;
};

class Zoo : public LiveServer {
 protected:
  // Short limits, so that what has to be waited for is over soon.
  void SetUp() override;

  // Installs the animal with this trouble. `kinds` and `points` as in plugin.yaml; `more` goes into its entry in the
  // manifest.
  void Take(const std::string& trouble, Place place, const std::string& kinds = "[command]",
            const std::string& more = {}, const std::string& specimen = "animal");

  // Starts the server and the visitor.
  void Open();

  // The visitor was always answered; the server stops with this status, and leaves no process behind.
  void Close(int status = 0);

  // Starts a server that dies of the animal: with this status, while it is in this operation.
  void OpenToCrash(const std::string& operation);

  // The server has died of the animal in this operation, said so, and the next start tells of it.
  void ExpectCrash(const std::string& operation);

  [[nodiscard]] bool HasSaid(const std::string& text) { return server().output().find(text) != std::string::npos; }

  // Waits until it has.
  [[nodiscard]] bool ComesToSay(const std::string& text);

  // What plugins.info says of the animal.
  std::string State();
  std::string Reason();
  std::uint64_t Restarts();

  // Waits until its process was started again this often and serves.
  [[nodiscard]] bool IsBack(std::uint64_t restarts);

 private:
  std::unique_ptr<Visitor> visitor_;
};

}  // namespace tutti::test
