// Answers when its model does, but looks away when it is cancelled.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  void Invoke(std::string_view, std::string_view, const tutti::Call& call) {
    Begin(host_.Complete(0, "{}"), [call](const tutti::Result<std::string>& result) { call.Finish(result); });
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
