// Starts a thread and looks away.
#include <chrono>
#include <thread>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Status Activate() {
    std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
    return {};
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
