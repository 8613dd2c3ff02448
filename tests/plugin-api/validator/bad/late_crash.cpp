// Believes that nobody can end its calls but itself.
#include <cstdlib>

#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  void Invoke(std::string_view, std::string_view, const tutti::Call& call) {
    Begin(host_.Complete(call.id(), "{}"), [call](const tutti::Result<std::string>& result) {
      if (call.cancelled()) {
        std::abort();
      }
      call.Finish(result);
    });
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
