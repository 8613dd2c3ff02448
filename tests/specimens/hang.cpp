// A command that does not listen to a cancel: its thread goes on until a file appears.
#include <time.h>
#include <unistd.h>

#include "tutti/sdk/plugin.hpp"

namespace {

class Hang {
 public:
  explicit Hang(tutti::Host) {}

  tutti::Status Init(const tutti::Config& config) {
    release_ = config["release"].AsString();
    started_ = config["started"].AsString();
    return {};
  }

  std::string Commands() const {
    return R"([{"name": "hang.on", "summary": "Does not end.", "effects": "read", "input": {"type": "object"}}])";
  }

  void Invoke(std::string_view, std::string_view, tutti::Call call) const {
    if (FILE* file = ::fopen(started_.c_str(), "w")) {
      ::fclose(file);
    }
    while (::access(release_.c_str(), F_OK) != 0) {
      const timespec pause{0, 5'000'000};
      ::nanosleep(&pause, nullptr);
    }
    call.Finish(std::string(R"({"ended":true})"));
  }

 private:
  std::string release_;
  std::string started_;
};

}  // namespace

TUTTI_PLUGIN(Hang, "org.example.hang", "1.0.0")
