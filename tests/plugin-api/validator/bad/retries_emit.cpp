// Emits again and again until there is room, and never looks at the call.
#include <thread>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static void Invoke(std::string_view, std::string_view, const tutti::Call& call) {
    while (!call.Emit("{}")) {
      std::this_thread::yield();
    }
    call.Finish(std::string("1"));
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
