#include "settings.h"

namespace tutti::summarizer {
namespace {

Mode ReadMode(std::string_view name) {
  return name == "model"      ? Mode::kModel
         : name == "fallback" ? Mode::kFallback
         : name == "none"     ? Mode::kNone
                              : Mode::kAuto;
}

}  // namespace

Settings Settings::Read(JsonView config) {
  Settings settings;
  const auto size = [&](const char* name, std::size_t& value) {
    value = static_cast<std::size_t>(config[name].AsInt(static_cast<std::int64_t>(value)));
  };
  const auto time = [&](const char* name, std::chrono::milliseconds& value) {
    value = std::chrono::milliseconds(config[name].AsInt(value.count()));
  };
  settings.mode = ReadMode(config["mode"].AsString());
  settings.model = config["model"].AsString(settings.model);
  size("batch_size", settings.batch_size);
  time("batch_wait_ms", settings.batch_wait);
  size("concurrency", settings.concurrency);
  size("max_waiting", settings.max_waiting);
  size("max_unwritten", settings.max_unwritten);
  size("sentence_characters", settings.sentence_characters);
  time("call_timeout_ms", settings.call_timeout);
  time("failure_pause_ms", settings.failure_pause);
  time("stop_timeout_ms", settings.stop_timeout);
  size("text_characters", settings.bounds.text);
  size("input_characters", settings.bounds.input);
  size("diff_characters", settings.bounds.diff);
  return settings;
}

}  // namespace tutti::summarizer
