// Its thread goes on calling the host until the plugin is destroyed, though it was deactivated before.
#include <atomic>
#include <chrono>
#include <thread>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  ~Plugin() {
    // A moment for what deactivate should have ended.
    for (int before = spoken_; spoken_ < before + 2 && thread_.joinable();) {
      std::this_thread::yield();
    }
    is_over_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  tutti::Status Activate() {
    if (!thread_.joinable()) {
      thread_ = std::thread([this] {
        for (; !is_over_; ++spoken_) {
          (void)host_.connections();
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
      });
    }
    return {};
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }

 private:
  std::atomic<bool> is_over_{false};
  std::atomic<int> spoken_{0};
  std::thread thread_;
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
