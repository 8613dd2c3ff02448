// confirmed.count: counts how often it ran, each time only when a person has confirmed it.
#include <atomic>

#include "tutti/sdk/commands.hpp"
#include "tutti/sdk/plugin.hpp"

namespace {

using tutti::Call;
using tutti::JsonObject;
using tutti::JsonView;
using tutti::Result;

class Confirmed {
 public:
  explicit Confirmed(tutti::Host) {
    commands_.AddDirect(
        R"({"name":"confirmed.count","effects":"write","confirm":true,"scopes":["count"],
        "summary":"Counts.","slash":{"usage":"/count"},"rest":[{"method":"POST","path":"/count"}]})",
        [this](const Call& call, JsonView) -> Result<std::string> {
          return JsonObject()("count", ++count_)("principal", call.principal())("surface", call.surface()).Take();
        });
  }

  std::string Commands() const { return commands_.Describe(); }

  void Invoke(std::string_view name, std::string_view args, Call call) {
    commands_.Invoke(name, args, std::move(call));
  }

 private:
  tutti::CommandSet commands_;
  std::atomic<int> count_{0};
};

}  // namespace

TUTTI_PLUGIN(Confirmed, "test.confirmed", "0.1.0")
