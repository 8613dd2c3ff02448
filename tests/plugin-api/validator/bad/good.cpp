// Keeps every promise, with all that a call can do.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Status Init(const tutti::Config& config) {
    return config["greeting"].AsString() == "hello" ? tutti::Status()
                                                    : tutti::Status::InvalidArgument("expected the greeting hello");
  }

  tutti::Task<tutti::Result<std::string>> Invoke(std::string_view, std::string_view, tutti::Call call) {
    call.Emit("{}");
    auto rows = co_await host_.Execute(call.id(), R"({"ops":[{"op":"query"}]})");
    auto answer = co_await host_.Complete(call.id(), "{}");
    co_return rows.ok() ? answer : rows;
  }

  tutti::Task<tutti::HookReply> OnPoint(const tutti::Point&, std::string_view, tutti::Call call) {
    auto rows = co_await host_.Execute(call.id(), R"({"ops":[]})");
    co_return rows.ok() ? tutti::HookReply::Allow() : tutti::HookReply::Fail(rows.status());
  }

  void OnEvents(std::span<const tutti_event> events) { host_.Count("seen_total", static_cast<double>(events.size())); }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
