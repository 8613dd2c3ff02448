// Calls a command, which its plugin.yaml does not ask for.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Task<tutti::Result<std::string>> Invoke(std::string_view, std::string_view, tutti::Call call) {
    co_return co_await host_.InvokeCommand(call.id(), "files.list", "{}");
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
