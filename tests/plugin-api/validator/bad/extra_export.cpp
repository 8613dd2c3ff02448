// Exports a helper beside the entry.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")

extern "C" __attribute__((visibility("default"))) int specimen_helper() {
  return 1;
}
