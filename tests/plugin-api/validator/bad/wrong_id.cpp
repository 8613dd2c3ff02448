// Another id than its manifest.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.other", "1.0.0")
