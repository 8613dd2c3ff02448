// One thing that has happened in a stream: durable with a number, as storage keeps it, or transient.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tutti::host {

struct Event {
  std::string stream, type, run, agent, tree;
  std::uint64_t seq = 0;  // 0: transient
  std::string time;       // as in EVENT of tutti/abi/storage.h
  std::string data;       // JSON
};

using EventPtr = std::shared_ptr<const Event>;

// From and to the EVENT of tutti/abi/storage.h. What was read is written as the same bytes again.
Event ParseEvent(std::string_view json);
std::string EventJson(const Event& event);

}  // namespace tutti::host
