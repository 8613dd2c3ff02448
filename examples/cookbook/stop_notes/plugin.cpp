// Notes the end of each run in a file. Teaches: observing in batches, in order, without being in anybody's way.
#include "tutti/sdk/plugin.hpp"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <span>
#include <string>

#include "tutti/sdk/text.hpp"

class StopNotes {
 public:
  explicit StopNotes(tutti::Host host) : host_(host) {}

  tutti::Status Init(const tutti::Config& config) {
    file_ = std::string(config["file"].AsString());
    max_bytes_ = static_cast<std::uintmax_t>(config["max_bytes"].AsInt());
    return {};
  }

  // In order per run; several batches may come at once. Texts are borrowed until this returns.
  void OnEvents(std::span<const tutti_event> events) {
    std::string lines;
    for (const tutti_event& event : events) {
      lines += tutti::JsonObject()("time", tutti::FormatMicros(event.time_us))("run", tutti::View(event.run))(
                   "agent", tutti::View(event.agent))
                   .Raw("stop", tutti::View(event.data))
                   .Take() +
               "\n";
    }
    const std::lock_guard lock(mutex_);
    std::error_code error;
    if (std::filesystem::file_size(file_, error) + lines.size() > max_bytes_ && !error) {
      std::filesystem::rename(file_, file_.string() + ".1", error);
    }
    std::ofstream out(file_, std::ios::app);
    out << lines << std::flush;
    if (!out) {
      host_.Log(TUTTI_LOG_WARNING, "stops not noted", tutti::JsonObject()("file", file_.string()).Take());
    }
  }

 private:
  tutti::Host host_;
  std::mutex mutex_;
  std::filesystem::path file_;  // used under mutex_
  std::uintmax_t max_bytes_ = 0;
};

TUTTI_PLUGIN(StopNotes, "org.example.stop_notes", "1.0.0")
