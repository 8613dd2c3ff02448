// Posts work before it is activated.
#include "specimen.h"

class Plugin : public Specimen {
 public:
  using Specimen::Specimen;

  tutti::Status Init(const tutti::Config&) {
    return host_.Post([] {});
  }

  static tutti::Result<std::string> Invoke(std::string_view, std::string_view args, const tutti::Call&) {
    return std::string(args);
  }
};

TUTTI_PLUGIN(Plugin, "org.example.specimen", "1.0.0")
