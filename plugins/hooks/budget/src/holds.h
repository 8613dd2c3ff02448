// Holds: what calls in flight have set aside, and what has been taken but is not seen in the database yet.
//
// A hold is reserved (an estimate), then settled (what it really took, on its way into a batch), then stored
// (committed). A stored one still counts for who began to read before, and may then count twice: such sums are marked
// as uncertain.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "amounts.h"
#include "facts.h"

namespace tutti::budget {

class Holds {
 public:
  struct Sum {
    Amounts amounts;
    bool is_certain = true;  // false: some of it may be in the rows already; read again
  };

  // `is_asked`: a person is asked first whether the tool call may be made. Replaces a hold of that key.
  void Reserve(const std::string& key, const std::string& run, std::vector<Scope> scopes, const Amounts& amounts,
               bool is_asked, std::int64_t now_ms);

  // What it took instead of what was reserved; makes the hold when there is none.
  void Settle(const std::string& key, const std::string& run, std::vector<Scope> scopes, const Amounts& amounts,
              std::int64_t now_ms);

  // The batch with it is committed. Nothing when there is no such hold.
  void Store(const std::string& key);

  // Nothing came of it.
  void Release(const std::string& key);

  // Whatever of this run is only reserved. Returns how many of these were asked about and not allowed.
  std::size_t ReleaseAsked(const std::string& run);
  void ReleaseReserved(const std::string& run);

  // Holds settled before `before_ms` whose commit nobody told.
  void ForgetSettledBefore(std::int64_t before_ms);

  // To be called around a read of the rows whose result is then added to SumOf.
  std::uint64_t BeginRead();
  void EndRead(std::uint64_t read);

  // For who began to read as `read`; `except` is left out.
  [[nodiscard]] Sum SumOf(const Scope& scope, std::uint64_t read, const std::string& except) const;

  // What is reserved and settled for a scope, for reports.
  [[nodiscard]] Amounts Open(const Scope& scope) const;

  [[nodiscard]] std::size_t size() const { return holds_.size(); }

 private:
  enum class State : std::uint8_t { kReserved, kSettled, kStored };

  struct Hold {
    std::string run;
    std::vector<Scope> scopes;
    Amounts amounts;
    State state = State::kReserved;
    bool is_asked = false;
    std::int64_t since_ms = 0;
    std::uint64_t stored_at = 0;
  };

  void DropStored();

  std::map<std::string, Hold> holds_;
  std::multiset<std::uint64_t> reads_;  // those under way, by their number
  std::uint64_t clock_ = 0;
};

}  // namespace tutti::budget
