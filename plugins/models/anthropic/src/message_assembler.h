// Puts the events of one stream together into one message, and passes its deltas on as they come.
//
// Not thread-safe. Thinking, signatures and redacted thinking come out byte for byte as they came in. Event, delta and
// block types it does not know are ignored.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "failure.h"
#include "usage.h"

namespace tutti {
class JsonView;
}

namespace tutti::anthropic {

struct Message {
  std::string model;
  std::string stop_reason;
  std::string content;  // JSON array of blocks as in tutti/abi/model.h
  Usage usage;
};

class MessageAssembler {
 public:
  // Takes one delta event (JSON, tutti/abi/model.h); a failure ends the message.
  using Emit = std::function<Status(const std::string& event)>;

  explicit MessageAssembler(Emit emit) : emit_(std::move(emit)) {}

  // One event of the stream. `request_id` is for failure sentences.
  std::optional<Failure> Add(std::string_view data, std::string_view request_id);

  // message_stop was seen.
  [[nodiscard]] bool is_complete() const { return is_complete_; }

  // A delta was passed on: the exchange may not be repeated.
  [[nodiscard]] bool has_emitted() const { return has_emitted_; }

  // REQUIRES: is_complete(). Fails when a tool call's arguments are no JSON object though the message was not cut. A
  // call cut by the token limit is left out: it must not run.
  Result<Message> Take();

 private:
  struct Block {
    std::string type;
    std::string text;  // text, thinking or redacted data
    std::string signature;
    std::string id;
    std::string name;
    std::string input;  // tool_use: the arguments' JSON, as far as received
  };

  Status StartBlock(const JsonView& event);
  Status AddDelta(const JsonView& event);
  Status PassOn(const std::string& event);

  const Emit emit_;
  std::map<std::int64_t, Block> blocks_;
  std::string model_;
  std::string stop_reason_;
  Usage usage_;
  bool has_started_ = false;
  bool is_complete_ = false;
  bool has_emitted_ = false;
};

}  // namespace tutti::anthropic
