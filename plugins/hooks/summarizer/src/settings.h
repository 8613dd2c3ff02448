// The plugin's configuration, read in one place.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "tutti/sdk/json.hpp"
#include "wording.h"

namespace tutti::summarizer {

enum class Mode {
  kAuto,      // the model, when the active model plugin lists it; else fallback texts
  kModel,     // always the model
  kFallback,  // never a model call
  kNone       // no summaries
};

struct Settings {
  // What is absent has its default; `config` was accepted by the schema of plugin.yaml.
  static Settings Read(JsonView config);

  Mode mode = Mode::kAuto;
  std::string model = "claude-haiku-4-5-20251001";
  std::size_t batch_size = 8;
  std::chrono::milliseconds batch_wait{250};
  std::size_t concurrency = 2;
  std::size_t max_waiting = 1000;
  std::size_t max_unwritten = 5000;
  std::size_t sentence_characters = 200;
  std::chrono::milliseconds call_timeout{30000};
  std::chrono::milliseconds failure_pause{5000};
  std::chrono::milliseconds stop_timeout{5000};
  Bounds bounds;
};

}  // namespace tutti::summarizer
